package org.agr4j.layers.cpu;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A convolution of row-major images [batch, height, width, channels] with weights [out, in, kH,
 * kW], in the fastest way there is for its size.
 *
 * <p>A 1×1 convolution is a product of matrices, and so are its gradients; with strides, of the
 * pixels that it reads:
 *
 * <pre>
 * y = x Wᵀ        dx = dy W        dW = dyᵀ x        x [positions, in], y [positions, out]
 * </pre>
 *
 * <p>A 3×3 convolution of stride 1 goes forward as {@link WinogradConvolution}; the others, and the
 * gradients of all but 1×1, are the operations {@code conv2d} and {@code conv2d_bp}.
 */
final class ChannelsLastConvolution {
  private final int[] kernel;
  private final int[] strides;
  private final int[] pad;
  private final boolean same;

  ChannelsLastConvolution(int[] kernel, int[] strides, int[] pad, boolean same) {
    this.kernel = kernel;
    this.strides = strides;
    this.pad = pad;
    this.same = same;
  }

  /**
   * Writes y.
   *
   * @param bias [1, out], or null for none
   */
  void forward(INDArray x, INDArray weights, INDArray bias, INDArray y) {
    if (isProduct(weights)) {
      multiply(rows(read(x, y)), false, matrix(weights), true, rows(y));
    } else if (WinogradConvolution.fits(x, true, weights, kernel, strides, pad, same)) {
      INDArray turned =
          Nd4j.createUninitialized(DataType.FLOAT, 3, 3, weights.size(0), weights.size(1));
      WinogradConvolution.forward(x, weights, true, turned, y);
    } else {
      Nd4j.exec(operation("conv2d").addInputs(x, weights).addOutputs(y).build());
    }
    if (bias != null) {
      ChannelLoop.add(rows(y), bias);
    }
  }

  /**
   * Writes dx, dW and db.
   *
   * @param bias null for none, then dBias is, too
   */
  void backward(
      INDArray x,
      INDArray weights,
      INDArray bias,
      INDArray dy,
      INDArray dx,
      INDArray dWeights,
      INDArray dBias) {
    if (isProduct(weights) && HostFloats.isRowMajor(dWeights)) {
      INDArray read = read(x, dy);
      multiply(rows(dy), true, rows(read), false, matrix(dWeights));
      if (read == x) {
        multiply(rows(dy), false, matrix(weights), false, rows(dx));
      } else {
        multiply(rows(dy), false, matrix(weights), false, rows(read)); // no longer needed
        PixelGrid.scatter(read, strides, dx);
      }
      if (bias != null) {
        ChannelLoop.sum(rows(dy), dBias);
      }
      return;
    }
    DynamicCustomOp.DynamicCustomOpsBuilder both = operation("conv2d_bp");
    if (bias == null) {
      both.addInputs(x, weights, dy).addOutputs(dx, dWeights);
    } else {
      both.addInputs(x, weights, bias, dy).addOutputs(dx, dWeights, dBias);
    }
    Nd4j.exec(both.build());
  }

  private DynamicCustomOp.DynamicCustomOpsBuilder operation(String name) {
    return DynamicCustomOp.builder(name)
        .addIntegerArguments(
            kernel[0],
            kernel[1],
            strides[0],
            strides[1],
            pad[0],
            pad[1],
            1,
            1,
            same ? 1 : 0,
            1, // NHWC
            1); // weights [out, in, kH, kW]
  }

  private boolean isProduct(INDArray weights) {
    return kernel[0] == 1
        && kernel[1] == 1
        && (strides[0] == 1 && strides[1] == 1 || !same)
        && pad[0] == 0
        && pad[1] == 0
        && HostFloats.isRowMajor(weights);
  }

  /** The pixels that a 1×1 convolution reads: x itself, or a copy in the current workspace. */
  private INDArray read(INDArray x, INDArray y) {
    if (strides[0] == 1 && strides[1] == 1) {
      return x;
    }
    INDArray grid =
        Nd4j.createUninitialized(DataType.FLOAT, x.size(0), y.size(1), y.size(2), x.size(3));
    PixelGrid.gather(x, strides, grid);
    return grid;
  }

  private static INDArray rows(INDArray images) {
    long channels = images.size(3);
    return images.reshape('c', images.length() / channels, channels);
  }

  private static INDArray matrix(INDArray weights) {
    return weights.reshape('c', weights.size(0), weights.size(1));
  }

  private static void multiply(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray out) {
    Mmul product = new Mmul(a, b, transposeA, transposeB, false);
    product.addOutputArgument(out);
    Nd4j.exec(product);
  }
}
