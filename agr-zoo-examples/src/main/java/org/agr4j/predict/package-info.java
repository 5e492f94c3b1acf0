/** A trained network put to use: what an image shows. */
package org.agr4j.predict;
