/**
 * The former home of {@link org.agr4j.layers.cpu}: one class is left, which calls its successor.
 */
package org.agr4j.cpu;
