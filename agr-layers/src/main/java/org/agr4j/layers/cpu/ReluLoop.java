package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * ReLU and its derivative in one pass, with a sum on the way. All arrays are {@link
 * FloatRows#usable} and of one length; the written one may be one of those read.
 */
final class ReluLoop {
  private static final int LENGTH = 2048;

  private ReluLoop() {}

  /** y ← max(a + b, 0); without b where that is null. */
  static void forward(INDArray a, INDArray b, INDArray y) {
    FloatBuffer first = HostFloats.of(a);
    FloatBuffer second = b == null ? null : HostFloats.of(b);
    FloatBuffer to = HostFloats.of(y);
    forEachPiece(
        a,
        (at, n, u, v) -> {
          first.get(at, u, 0, n);
          if (second != null) {
            second.get(at, v, 0, n);
            GeluLoop.add(u, v, n);
          }
          cut(u, n);
          to.put(at, u, 0, n);
        });
  }

  /** dx ← a + b where y &gt; 0, else 0; without b where that is null. */
  static void backward(INDArray y, INDArray a, INDArray b, INDArray dx) {
    FloatBuffer values = HostFloats.of(y);
    FloatBuffer first = HostFloats.of(a);
    FloatBuffer second = b == null ? null : HostFloats.of(b);
    FloatBuffer to = HostFloats.of(dx);
    forEachPiece(
        y,
        (at, n, u, v) -> {
          first.get(at, u, 0, n);
          if (second != null) {
            second.get(at, v, 0, n);
            GeluLoop.add(u, v, n);
          }
          values.get(at, v, 0, n);
          gate(v, u, n);
          to.put(at, u, 0, n);
        });
  }

  private static void forEachPiece(INDArray shape, Piece work) {
    int pieces = Math.toIntExact((shape.length() + LENGTH - 1) / LENGTH);
    int length = Math.toIntExact(shape.length());
    FloatRows.forEachChunk(
        pieces,
        LENGTH,
        (chunk, from, to) -> {
          float[] u = new float[LENGTH];
          float[] v = new float[LENGTH];
          for (int piece = from; piece < to; piece++) {
            int at = piece * LENGTH;
            work.work(at, Math.min(LENGTH, length - at), u, v);
          }
        });
  }

  static void cut(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.max(x[i], 0f);
    }
  }

  /**
   * g ← g where x &gt; 0, else 0.
   *
   * <p>Without a branch, so that C2 makes vector code of it: even the smallest positive float is
   * over 1 after both products, the largest is infinite, and 0 stays 0.
   */
  static void gate(float[] x, float[] g, int n) {
    for (int i = 0; i < n; i++) {
      g[i] *= Math.min(Math.max(x[i], 0f) * Float.MAX_VALUE * Float.MAX_VALUE, 1f);
    }
  }

  private interface Piece {
    void work(int at, int n, float[] u, float[] v);
  }
}
