package org.agr4j.layers;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.factory.Nd4j;

/** The arithmetic of a {@link LayerScale} on a matrix [rows, C]. */
final class ChannelScale {
  private ChannelScale() {}

  static void forward(INDArray x, INDArray scale, INDArray y) {
    Nd4j.getExecutioner().exec(new BroadcastMulOp(x, scale, y, 1));
  }

  static void backward(INDArray x, INDArray scale, INDArray dy, INDArray dx, INDArray dScale) {
    dScale.assign(x.mul(dy).sum(0));
    Nd4j.getExecutioner().exec(new BroadcastMulOp(dy, scale, dx, 1));
  }
}
