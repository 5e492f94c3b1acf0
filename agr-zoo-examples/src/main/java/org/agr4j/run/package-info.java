/**
 * The folder of a run: settings, checkpoints, metrics, statistics, the machine, a lock; and what is
 * checked before a file from elsewhere is read.
 */
package org.agr4j.run;
