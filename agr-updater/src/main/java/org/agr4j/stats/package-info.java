/** What AGR does to the gradient of each tensor, measured while a network trains. */
package org.agr4j.stats;
