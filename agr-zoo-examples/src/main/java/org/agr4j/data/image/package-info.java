/**
 * Image files as pixels: what decodes them, how they are turned upright and brought to one size.
 */
package org.agr4j.data.image;
