/**
 * Checks that the whole library makes: numbers within their range, and what a data type can hold.
 *
 * <p>Not for users: it may change in any version.
 */
package org.agr4j.internal;
