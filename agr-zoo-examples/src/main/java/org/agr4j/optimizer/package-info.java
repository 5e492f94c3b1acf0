/** The optimizers that a run can be told to use by name, and what their settings mean. */
package org.agr4j.optimizer;
