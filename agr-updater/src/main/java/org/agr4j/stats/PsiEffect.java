package org.agr4j.stats;

import org.agr4j.internal.kernel.cpu.FusedCpuKernel;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.javacpp.indexer.Indexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The effect of Ψ on a tensor g, from sums alone, in one pass over g: with Ψ(g) − g = −g·|g|/‖g‖₁
 *
 * <pre>
 *   ‖Ψ(g) − g‖₂ / ‖g‖₂ = √Σg⁴ / (‖g‖₁ √Σg²)        max α = max|g| / ‖g‖₁
 * </pre>
 *
 * <p>The sums are of r = |g| / max|g| so far, in double precision, so that no g is too large or too
 * small for its fourth power. ND4J has no reduction to Σg⁴; chunks of g are copied to the Java heap
 * instead.
 */
final class PsiEffect {
  /** Elements copied at once. */
  static final int CHUNK = 16 * 1024;

  private final double[] values = new double[CHUNK];
  private final float[] floats = new float[CHUNK];
  private INDArray chunk; // null until it is needed
  private long elements;
  private double scale; // max|g| so far
  private double sum; // Σr
  private double sum2; // Σr²
  private double sum4; // Σr⁴

  /**
   * Measures a tensor.
   *
   * @param g of any shape and floating point type; not modified, and not copied if it is contiguous
   */
  void measure(INDArray g) {
    elements = g.length();
    scale = 0;
    sum = 0;
    sum2 = 0;
    sum4 = 0;
    long[] vector = {elements}; // reshape(char, long) is reshape(long, long)
    INDArray flat = g.rank() == 1 ? g : g.reshape(g.ordering(), vector);
    boolean contiguousOnHost = FusedCpuKernel.supports(flat);
    for (long from = 0; from < elements; from += CHUNK) {
      int n = (int) Math.min(CHUNK, elements - from);
      if (contiguousOnHost) {
        read(flat.data().indexer(), from, n);
      } else {
        copy(flat.get(NDArrayIndex.interval(from, from + n)), n);
      }
      add(n);
    }
  }

  /** Reads a buffer without an ND4J operation, whose threads would wait for each other. */
  private void read(Indexer buffer, long from, int n) {
    if (buffer instanceof FloatIndexer singles) {
      singles.get(from, floats, 0, n);
      for (int i = 0; i < n; i++) {
        values[i] = floats[i];
      }
    } else {
      ((DoubleIndexer) buffer).get(from, values, 0, n);
    }
  }

  private void copy(INDArray part, int n) {
    if (chunk == null) {
      chunk = Nd4j.createUninitialized(DataType.DOUBLE, CHUNK);
    }
    chunk.get(NDArrayIndex.interval(0, n)).assign(part);
    chunk.data().asNioDouble().get(values, 0, n);
  }

  private void add(int n) {
    double max = 0;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, Math.abs(values[i]));
    }
    if (max > scale) {
      rescale(scale / max);
      scale = max;
    }
    if (max == 0) {
      return;
    }
    for (int i = 0; i < n; i++) {
      double r = Math.abs(values[i]) / scale;
      double r2 = r * r;
      sum += r;
      sum2 += r2;
      sum4 += r2 * r2;
    }
  }

  private void rescale(double factor) {
    double factor2 = factor * factor;
    sum *= factor;
    sum2 *= factor2;
    sum4 *= factor2 * factor2;
  }

  /** ‖Ψ(g) − g‖₂ / ‖g‖₂; 0 where g is all zero or a single element; NaN where g is not finite. */
  double relativeChange() {
    return isIdentity() ? 0 : Math.sqrt(sum4) / (sum * Math.sqrt(sum2));
  }

  /** max|g| / ‖g‖₁; 0 and NaN likewise. */
  double maxAlpha() {
    return isIdentity() ? 0 : 1 / sum;
  }

  /** ‖g‖₁; NaN where g is not finite. */
  double l1Norm() {
    return sum == 0 ? 0 : scale * sum;
  }

  private boolean isIdentity() {
    return sum == 0 || elements == 1 && !Double.isNaN(sum);
  }
}
