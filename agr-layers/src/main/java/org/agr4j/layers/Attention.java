package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.nn.weights.IWeightInit;

/** Names of the tensors that attention layers have, and those that all have. */
final class Attention {
  static final String GAMMA = "norm.gamma";
  static final String BETA = "norm.beta";
  static final String PROJECTION = "proj.W";
  static final String PROJECTION_BIAS = "proj.b";

  private Attention() {}

  static List<LayerTensor> norm(long channels) {
    return List.of(
        LayerTensor.vector(GAMMA, Role.NORM, channels, 1),
        LayerTensor.vector(BETA, Role.NORM, channels, 0));
  }

  static List<LayerTensor> projection(long channels, IWeightInit initial, double bias) {
    return List.of(
        LayerTensor.matrix(PROJECTION, channels, channels, initial),
        LayerTensor.vector(PROJECTION_BIAS, Role.BIAS, channels, bias));
  }
}
