package org.agr4j.stats;

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
 * instead, through an array of a chunk's size that is made once for each data type.
 */
final class PsiEffect {
  /** Elements copied at once. */
  static final int CHUNK = 16 * 1024;

  private INDArray chunk;
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
    INDArray buffer = chunkOf(g.dataType());
    for (long from = 0; from < elements; from += CHUNK) {
      int n = (int) Math.min(CHUNK, elements - from);
      INDArray part = n == CHUNK ? buffer : buffer.get(NDArrayIndex.interval(0, n));
      part.assign(flat.get(NDArrayIndex.interval(from, from + n)));
      add(buffer.data().asDouble(), n);
    }
  }

  private INDArray chunkOf(DataType type) {
    if (chunk == null || chunk.dataType() != type) {
      chunk = Nd4j.createUninitialized(type, CHUNK);
    }
    return chunk;
  }

  private void add(double[] g, int n) {
    double max = 0;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, Math.abs(g[i]));
    }
    if (max > scale) {
      rescale(scale / max);
      scale = max;
    }
    if (max == 0) {
      return;
    }
    for (int i = 0; i < n; i++) {
      double r = Math.abs(g[i]) / scale;
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
