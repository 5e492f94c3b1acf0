/**
 * What an updater owes to the trainers of DL4J that run it on several threads.
 *
 * <p>Not for users: it may change in any version.
 */
package org.agr4j.internal.parallel;
