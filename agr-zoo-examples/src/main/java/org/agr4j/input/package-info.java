/** What is told of input that cannot be used. */
package org.agr4j.input;
