/**
 * Convolution and batch normalization at the speed of the CPU, for any DL4J network.
 *
 * <p>DL4J lets a layer hand its arithmetic to a helper. The helpers of 1.0.0-M2.1 are never used on
 * a CPU: a system property disables them, and they look for a class that has been renamed. {@link
 * org.agr4j.layers.cpu.FastCpuLayers} gives the layers of a network the helpers themselves.
 * Configuration, parameters and model files stay DL4J's own.
 */
package org.agr4j.layers.cpu;
