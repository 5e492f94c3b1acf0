package org.agr4j.layers;

import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitConstant;

/**
 * One tensor of a layer: its name, its role, where it lies in the layer's part of the network's
 * parameters, and how it begins.
 *
 * @param key name within the layer, without an underscore, at which DL4J splits
 * @param role what it is for
 * @param shape sizes of its axes
 * @param order 'c' or 'f', how it lies in the flat parameters
 * @param fanIn number of inputs that one output sums, for the initial values
 * @param fanOut number of outputs that one input reaches
 * @param initial draws the initial values
 */
record LayerTensor(
    String key,
    Role role,
    long[] shape,
    char order,
    double fanIn,
    double fanOut,
    IWeightInit initial) {

  /** The matrix of a dense layer as DL4J keeps it: [in, out] in order 'f'. */
  static LayerTensor matrix(String key, long in, long out, IWeightInit initial) {
    return new LayerTensor(key, Role.WEIGHT, new long[] {in, out}, 'f', in, out, initial);
  }

  /** A table [rows, width] in order 'c'; a row is read by itself, so its fan-in is 1. */
  static LayerTensor table(String key, long rows, long width, IWeightInit initial) {
    return new LayerTensor(key, Role.TABLE, new long[] {rows, width}, 'c', 1, width, initial);
  }

  /** A vector that begins with the same number everywhere. */
  static LayerTensor vector(String key, Role role, long length, double value) {
    return vector(key, role, length, length, new WeightInitConstant(value));
  }

  /** A vector that is drawn. */
  static LayerTensor vector(String key, Role role, long length, double fanIn, IWeightInit initial) {
    return new LayerTensor(key, role, new long[] {length}, 'c', fanIn, length, initial);
  }

  /** Number of its elements. */
  long length() {
    long length = 1;
    for (long size : shape) {
      length *= size;
    }
    return length;
  }
}
