package org.agr4j.layers;

import org.agr4j.layers.cpu.ChannelLoop;
import org.agr4j.layers.cpu.FloatRows;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.factory.Nd4j;

/** The arithmetic of a {@link LayerScale} on a matrix [rows, C]. */
final class ChannelScale {
  private ChannelScale() {}

  static void forward(INDArray x, INDArray scale, INDArray y) {
    if (FloatRows.usable(x, scale, y)) {
      ChannelLoop.scale(x, scale, y);
    } else {
      Nd4j.getExecutioner().exec(new BroadcastMulOp(x, scale, y, 1));
    }
  }

  static void backward(INDArray x, INDArray scale, INDArray dy, INDArray dx, INDArray dScale) {
    if (FloatRows.usable(x, scale, dy, dx, dScale)) {
      ChannelLoop.scaleBackward(x, scale, dy, dx, dScale);
      return;
    }
    dScale.assign(x.mul(dy).sum(0));
    Nd4j.getExecutioner().exec(new BroadcastMulOp(dy, scale, dx, 1));
  }
}
