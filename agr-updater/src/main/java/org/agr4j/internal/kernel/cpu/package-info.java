/**
 * The arithmetic of a step as fused loops over arrays in the cache, for FLOAT and DOUBLE on a CPU.
 *
 * <p>Not for users: it may change in any version.
 */
package org.agr4j.internal.kernel.cpu;
