/** The tasks there are; each has a package of its own. */
package org.agr4j.task;
