/** Used by the build alone, to make {@code agr.jar}. */
package org.agr4j.jar;
