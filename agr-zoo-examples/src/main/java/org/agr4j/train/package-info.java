/** Training runs: settings, checkpoints, metrics. */
package org.agr4j.train;
