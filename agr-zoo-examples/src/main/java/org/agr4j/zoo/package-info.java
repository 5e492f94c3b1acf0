/** Networks of the paper's experiments as DL4J configurations. */
package org.agr4j.zoo;
