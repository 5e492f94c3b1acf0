package org.agr4j.layers;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The arithmetic of a {@link DepthwiseConvolution}. */
final class Depthwise {
  private Depthwise() {}

  /** Writes y; {@code bias} may be null. */
  static void forward(Window window, INDArray x, INDArray weights, INDArray bias, INDArray y) {
    Nd4j.exec(window.depthwise("depthwise_conv2d").addInputs(x, weights).addOutputs(y).build());
    if (bias != null) {
      LayerComputation.rows(y).addiRowVector(bias);
    }
  }

  /** Writes the gradients; that of the bias may be null. */
  static void backward(
      Window window,
      INDArray x,
      INDArray weights,
      INDArray dy,
      INDArray dx,
      INDArray dWeights,
      INDArray dBias) {
    Nd4j.exec(
        window
            .depthwise("depthwise_conv2d_bp")
            .addInputs(x, weights, dy)
            .addOutputs(dx, dWeights)
            .build());
    if (dBias != null) {
      dBias.assign(LayerComputation.rows(dy).sum(0));
    }
  }
}
