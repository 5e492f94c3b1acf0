/**
 * An optimizer's step of one block: who makes it, the block's state, Ψ, and the numbers that the
 * arithmetic takes.
 *
 * <p>Not for users: it may change in any version.
 */
package org.agr4j.internal.kernel;
