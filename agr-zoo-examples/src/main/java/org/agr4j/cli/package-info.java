/** The {@code agr} command: options, progress, messages. */
package org.agr4j.cli;
