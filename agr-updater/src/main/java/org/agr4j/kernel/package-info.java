/**
 * The arithmetic of a step, over arrays and numbers: ND4J operations, and fused loops on the CPU.
 *
 * <p>Not for users: it may change in any version.
 */
package org.agr4j.kernel;
