/** What an updater does for the trainers of DL4J that run it on several threads. Not API. */
package org.agr4j.internal.parallel;
