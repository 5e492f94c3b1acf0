/**
 * The arithmetic of a step as ND4J operations, for every backend.
 *
 * <p>Not for users: it may change in any version.
 */
package org.agr4j.internal.kernel.ops;
