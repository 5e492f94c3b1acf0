/** The classification of images as a task: data, networks, batches, measures. */
package org.agr4j.task.classification;
