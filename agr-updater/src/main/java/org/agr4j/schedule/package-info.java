/** Schedules of the learning rate that ND4J does not have: cosine, and warm-ups before another. */
package org.agr4j.schedule;
