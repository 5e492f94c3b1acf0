/**
 * The step on ND4J's CUDA backend, in two launches a block: docs/cuda.md.
 *
 * <p>Not for users: it may change in any version.
 */
package org.agr4j.internal.kernel.cuda;
