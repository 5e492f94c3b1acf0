package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.PatchLoop;
import org.agr4j.layers.cpu.TiledConvolution;
import org.agr4j.layers.cpu.WinogradConvolution;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The arithmetic of a {@link PatchEmbedding} without its bias: ND4J's convolution, or on a CPU the
 * patches as rows of a matrix and a product. The matrix is made again for the backward pass.
 */
final class Patches {
  private final Window window;
  private final LayerWorkspaceMgr workspaces;

  Patches(Window window, LayerWorkspaceMgr workspaces) {
    this.window = window;
    this.workspaces = workspaces;
  }

  /** Writes y [N, rows, columns, nOut] for weights [nOut, k, k, nIn]. */
  void forward(INDArray x, INDArray weights, INDArray y) {
    if (isTiled(x, weights) && FloatRows.usable(x, weights, y)) {
      tiled(x, ArrayType.FF_WORKING_MEM).forward(x, weights, y);
      return;
    }
    if (isSmooth() && WinogradConvolution.forward(x, weights, y)) {
      return;
    }
    if (FloatRows.usable(x, weights, y)) {
      INDArray patches = patches(x, y, ArrayType.FF_WORKING_MEM);
      Products.timesTransposed(patches, matrix(weights), LayerComputation.rows(y));
    } else {
      Nd4j.exec(window.convolution("conv2d").addInputs(x, weights).addOutputs(y).build());
    }
  }

  /** Writes dx and dW. */
  void backward(INDArray x, INDArray weights, INDArray dy, INDArray dx, INDArray dWeights) {
    if (isTiled(x, weights) && FloatRows.usable(x, weights, dy, dx, dWeights)) {
      tiled(x, ArrayType.BP_WORKING_MEM).backward(x, weights, dy, dx, dWeights);
      return;
    }
    if (isSmooth() || !FloatRows.usable(x, weights, dy, dx, dWeights)) {
      Nd4j.exec(
          window
              .convolution("conv2d_bp")
              .addInputs(x, weights, dy)
              .addOutputs(dx, dWeights)
              .build());
      return;
    }
    INDArray rows = LayerComputation.rows(dy);
    INDArray patches = patches(x, dy, ArrayType.BP_WORKING_MEM);
    Products.transposedTimes(rows, patches, matrix(dWeights));
    Products.multiply(rows, matrix(weights), patches); // now their gradient
    loop().scatter(patches, (int) dy.size(1), (int) dy.size(2), dx);
  }

  /**
   * A 3×3 convolution of stride 1 that keeps the image's size: oneDNN's is faster than products.
   */
  private boolean isSmooth() {
    return window.kernel() == 3 && window.stride() == 1 && window.padding() == 1;
  }

  /** Whether it is one of those and oneDNN would compute it directly. */
  private boolean isTiled(INDArray x, INDArray weights) {
    return isSmooth() && TiledConvolution.pays(x, weights);
  }

  private TiledConvolution tiled(INDArray x, ArrayType where) {
    return new TiledConvolution(
        x.size(0),
        x.size(1),
        x.size(2),
        shape -> workspaces.createUninitialized(where, x.dataType(), shape, 'c'));
  }

  private INDArray patches(INDArray x, INDArray y, ArrayType where) {
    long size = (long) window.kernel() * window.kernel() * x.size(3);
    long[] shape = {LayerComputation.rows(y).size(0), size};
    INDArray patches = workspaces.createUninitialized(where, x.dataType(), shape, 'c');
    loop().gather(x, (int) y.size(1), (int) y.size(2), patches);
    return patches;
  }

  private PatchLoop loop() {
    return new PatchLoop(window.kernel(), window.stride(), window.padding());
  }

  private static INDArray matrix(INDArray weights) {
    return weights.reshape('c', weights.size(0), weights.length() / weights.size(0));
  }
}
