package org.agr4j.benchmark;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The roof of this machine: FLOAT products of 1024×1024 matrices through ND4J's operation {@code
 * matmul}, which is oneDNN's where ND4J is built with it.
 */
final class MatmulPeak {
  private static final int SIDE = 1024;
  private static final int PRODUCTS = 4;

  private final INDArray a = Nd4j.rand(DataType.FLOAT, SIDE, SIDE);
  private final INDArray b = Nd4j.rand(DataType.FLOAT, SIDE, SIDE);
  private final INDArray c = Nd4j.createUninitialized(DataType.FLOAT, SIDE, SIDE);
  private double best;

  /** Times some matrix products and keeps the fastest. */
  void measure() {
    for (int i = 0; i < PRODUCTS; i++) {
      Mmul product = new Mmul(a, b, false, false, false);
      product.addOutputArgument(c);
      long start = System.nanoTime();
      Nd4j.exec(product);
      best = Math.max(best, 2.0 * SIDE * SIDE * SIDE / (System.nanoTime() - start));
    }
  }

  /** GFLOP/s of the fastest product so far; a multiply-add is two operations. */
  double gflops() {
    return best;
  }
}
