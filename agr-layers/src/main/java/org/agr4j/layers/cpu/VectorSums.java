package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;

/** Sums of the gradients of a transformer block's vectors over some sequences. */
final class VectorSums {
  final double[] jointBias;
  final double[] firstBias;

  /** Of the bias before the norm, γ and β. */
  final double[][] norm1;

  /** Likewise. */
  final double[][] norm2;

  VectorSums(BlockTensors at) {
    jointBias = new double[3 * at.channels];
    firstBias = new double[at.hidden];
    norm1 = new double[3][at.channels];
    norm2 = new double[3][at.channels];
  }

  /** Writes the sums of all, added in their order. */
  static void store(VectorSums[] all, BlockTensors at, FloatBuffer to) {
    VectorSums total = new VectorSums(at);
    for (VectorSums one : all) {
      add(total.jointBias, one.jointBias);
      add(total.firstBias, one.firstBias);
      for (int i = 0; i < 3; i++) {
        add(total.norm1[i], one.norm1[i]);
        add(total.norm2[i], one.norm2[i]);
      }
    }
    int c = at.channels;
    put(total.jointBias, to, at.jointBias);
    put(total.firstBias, to, at.firstBias);
    put(total.norm1[0], to, at.projectionBias);
    put(total.norm1[1], to, at.norm1);
    put(total.norm1[2], to, at.norm1 + c);
    put(total.norm2[0], to, at.secondBias);
    put(total.norm2[1], to, at.norm2);
    put(total.norm2[2], to, at.norm2 + c);
  }

  private static void add(double[] to, double[] x) {
    for (int i = 0; i < to.length; i++) {
      to[i] += x[i];
    }
  }

  private static void put(double[] sums, FloatBuffer to, int first) {
    for (int i = 0; i < sums.length; i++) {
      to.put(first + i, (float) sums[i]);
    }
  }
}
