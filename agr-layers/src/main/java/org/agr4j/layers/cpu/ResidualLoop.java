package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sum at the end of a residual block with a factor for each sample's branch, in one pass each
 * way. All arrays are {@link FloatRows#usable} and of one shape [N, …].
 */
public final class ResidualLoop {
  private static final int LENGTH = 2048;

  private ResidualLoop() {}

  /** y ← x + factor of the sample × branch; no factors are ones. */
  public static void sum(INDArray x, INDArray branch, double[] factors, INDArray y) {
    FloatBuffer shortcut = HostFloats.of(x);
    FloatBuffer added = HostFloats.of(branch);
    FloatBuffer to = HostFloats.of(y);
    forEachPiece(
        x,
        factors,
        (at, n, factor, a, b) -> {
          shortcut.get(at, a, 0, n);
          added.get(at, b, 0, n);
          addMultiple(a, b, factor, n);
          to.put(at, a, 0, n);
        });
  }

  /** shortcut ← dy and branch ← factor of the sample × dy. */
  public static void split(INDArray dy, double[] factors, INDArray shortcut, INDArray branch) {
    FloatBuffer from = HostFloats.of(dy);
    FloatBuffer first = HostFloats.of(shortcut);
    FloatBuffer second = HostFloats.of(branch);
    boolean same = dy == shortcut;
    forEachPiece(
        dy,
        factors,
        (at, n, factor, a, b) -> {
          from.get(at, a, 0, n);
          if (!same) {
            first.put(at, a, 0, n);
          }
          if (factor != 1) {
            multiply(a, factor, n);
          }
          second.put(at, a, 0, n);
        });
  }

  private static void forEachPiece(INDArray shape, double[] factors, Piece work) {
    int samples = Math.toIntExact(shape.size(0));
    int size = Math.toIntExact(shape.length() / samples);
    FloatRows.forEachChunk(
        samples,
        size,
        (chunk, from, to) -> {
          float[] a = new float[LENGTH];
          float[] b = new float[LENGTH];
          for (int sample = from; sample < to; sample++) {
            float factor = factors == null ? 1 : (float) factors[sample];
            for (int done = 0; done < size; done += LENGTH) {
              work.work(sample * size + done, Math.min(LENGTH, size - done), factor, a, b);
            }
          }
        });
  }

  private static void addMultiple(float[] a, float[] b, float factor, int n) {
    for (int i = 0; i < n; i++) {
      a[i] += factor * b[i];
    }
  }

  private static void multiply(float[] a, float factor, int n) {
    for (int i = 0; i < n; i++) {
      a[i] *= factor;
    }
  }

  private interface Piece {
    void work(int at, int n, float factor, float[] a, float[] b);
  }
}
