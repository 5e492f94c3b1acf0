/**
 * Which slice of a block is which tensor, recovered from the calls by which DL4J builds a network.
 *
 * <p>Not for users: it may change in any version.
 */
package org.agr4j.internal.layout;
