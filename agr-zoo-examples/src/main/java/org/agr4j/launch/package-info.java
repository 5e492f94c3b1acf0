/** What a Java machine for AGR4J is started with, and the start of one by {@code agr.jar}. */
package org.agr4j.launch;
