/** Measurements of steps and of training, side by side. */
package org.agr4j.benchmark;
