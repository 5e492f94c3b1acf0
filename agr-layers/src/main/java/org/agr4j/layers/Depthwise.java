package org.agr4j.layers;

import org.agr4j.layers.cpu.DepthwiseLoop;
import org.agr4j.layers.cpu.FloatRows;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The arithmetic of a {@link DepthwiseConvolution}. */
final class Depthwise {
  private Depthwise() {}

  /** Writes y; {@code bias} may be null. */
  static void forward(Window window, INDArray x, INDArray weights, INDArray bias, INDArray y) {
    if (FloatRows.usable(x, weights, bias, y)) {
      loop(window).forward(x, weights, bias, y);
      return;
    }
    Nd4j.exec(window.depthwise("depthwise_conv2d").addInputs(x, weights).addOutputs(y).build());
    if (bias != null) {
      ChannelSum.add(LayerComputation.rows(y), bias);
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
    if (FloatRows.usable(x, weights, dy, dx, dWeights)) {
      loop(window).weightGradient(x, dy, dWeights);
      loop(window).inputGradient(weights, dy, dx);
    } else {
      Nd4j.exec(
          window
              .depthwise("depthwise_conv2d_bp")
              .addInputs(x, weights, dy)
              .addOutputs(dx, dWeights)
              .build());
    }
    if (dBias != null) {
      ChannelSum.sum(LayerComputation.rows(dy), dBias);
    }
  }

  private static DepthwiseLoop loop(Window window) {
    return new DepthwiseLoop(window.kernel(), window.stride(), window.padding());
  }
}
