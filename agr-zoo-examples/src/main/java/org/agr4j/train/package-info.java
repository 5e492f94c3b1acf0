/**
 * The loop that trains a network, and the words it is made of: a {@link org.agr4j.train.Task} says
 * what is learned, {@link org.agr4j.train.Batches} are an epoch's examples, {@link
 * org.agr4j.train.Measure} is what is measured after it, a {@link org.agr4j.train.Companion} rides
 * along, and {@link org.agr4j.train.Epochs} carry an epoch out, on this machine or on a cluster.
 */
package org.agr4j.train;
