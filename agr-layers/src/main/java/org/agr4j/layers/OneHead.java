package org.agr4j.layers;

import org.agr4j.layers.cpu.JointColumns;
import org.agr4j.layers.cpu.ScoreRows;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * {@link WindowHeads} for one head over all positions of many, without bias or mask: products of
 * matrices, one pass over the scores between them. Arrays are {@link
 * org.agr4j.layers.cpu.FloatRows#usable}. Costs the joint product a second time while it runs, and
 * backward its gradient and that of the probabilities.
 */
final class OneHead {
  private static final int PARTS = 3; // queries, keys, values

  private final long samples;
  private final long tokens;
  private final long width;

  OneHead(long samples, long tokens, long width) {
    this.samples = samples;
    this.tokens = tokens;
    this.width = width;
  }

  /** Writes P [N, T, T] and o [N T, C] for the joint product [N T, 3C]. */
  void forward(INDArray qkv, INDArray p, INDArray o) {
    INDArray parts = parts(qkv);
    Products.timesTransposed(part(parts, 0), part(parts, 1), p);
    ScoreRows.softmax(p, scale());
    Products.multiply(p, part(parts, 2), matrices(o));
  }

  /** Writes the gradient of the joint product. */
  void backward(INDArray qkv, INDArray p, INDArray dO, INDArray dQkv) {
    INDArray parts = parts(qkv);
    INDArray gradients = Nd4j.createUninitialized(qkv.dataType(), parts.shape(), 'c');
    INDArray ds = Nd4j.createUninitialized(p.dataType(), p.shape(), 'c');
    Products.transposedTimes(p, matrices(dO), part(gradients, 2));
    Products.timesTransposed(matrices(dO), part(parts, 2), ds);
    ScoreRows.gradient(ds, p, scale());
    Products.multiply(ds, part(parts, 1), part(gradients, 0));
    Products.transposedTimes(ds, part(parts, 0), part(gradients, 1));
    JointColumns.join(gradients, dQkv, PARTS);
  }

  private float scale() {
    return (float) (1 / Math.sqrt(width));
  }

  private INDArray parts(INDArray qkv) {
    INDArray parts =
        Nd4j.createUninitialized(qkv.dataType(), new long[] {PARTS * samples, tokens, width}, 'c');
    JointColumns.split(qkv, parts, PARTS);
    return parts;
  }

  /** [N, T, C] over the same memory. */
  private INDArray part(INDArray parts, int number) {
    return parts.get(
        NDArrayIndex.interval(number * samples, (number + 1) * samples),
        NDArrayIndex.all(),
        NDArrayIndex.all());
  }

  private INDArray matrices(INDArray rows) {
    return rows.reshape('c', samples, tokens, width);
  }
}
