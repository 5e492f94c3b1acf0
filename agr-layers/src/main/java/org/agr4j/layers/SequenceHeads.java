package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.SequenceHeadsLoop;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The arithmetic of attention over whole sequences, between the joint product and the heads'
 * outputs: {@link WindowHeads} with one window, without keeping its probabilities.
 */
final class SequenceHeads {
  private final int heads;
  private final int width;
  private SequenceHeadsLoop loop;

  SequenceHeads(int heads, int width) {
    this.heads = heads;
    this.width = width;
  }

  /** Shape of what is kept for the backward pass. */
  long[] logSums(long samples, long tokens) {
    return new long[] {samples * heads, tokens};
  }

  /**
   * Writes the heads' outputs and what {@link #backward} needs.
   *
   * @param qkv [N T, 3C] less its bias, not modified
   * @param bias [3C], not modified
   * @param mask [N, T], 1 for keys that count, not modified
   * @param logSums shaped by {@link #logSums}
   * @param o [N T, C]
   */
  void forward(INDArray qkv, INDArray bias, INDArray mask, INDArray logSums, INDArray o) {
    if (FloatRows.usable(qkv, bias, mask, logSums, o)) {
      loop(mask).forward(qkv, bias, mask, logSums, o);
    } else {
      probabilities(qkv.addRowVector(bias), mask, o);
    }
  }

  /**
   * Writes the gradient of the joint product.
   *
   * @param logSums as {@link #forward} left it, as {@code o}; not modified
   * @param dO [N T, C], not modified
   * @param dQkv [N T, 3C]
   */
  void backward(
      INDArray qkv,
      INDArray bias,
      INDArray mask,
      INDArray logSums,
      INDArray o,
      INDArray dO,
      INDArray dQkv) {
    if (FloatRows.usable(qkv, bias, mask, logSums, o, dO, dQkv)) {
      loop(mask).backward(qkv, bias, mask, logSums, o, dO, dQkv);
    } else {
      INDArray again = Nd4j.createUninitialized(o.dataType(), o.shape(), 'c');
      INDArray shifted = qkv.addRowVector(bias);
      INDArray p = probabilities(shifted, mask, again);
      whole(mask).backward(shifted, p, dO, dQkv, null);
    }
  }

  private INDArray probabilities(INDArray qkv, INDArray mask, INDArray o) {
    WindowHeads whole = whole(mask);
    INDArray p = Nd4j.createUninitialized(qkv.dataType(), whole.probabilities(), 'c');
    whole.forward(qkv, null, mask, p, o);
    return p;
  }

  private WindowHeads whole(INDArray mask) {
    return new WindowHeads(
        WindowGrid.whole((int) mask.size(1)), new HeadLayout(heads, width, false), mask.size(0));
  }

  private SequenceHeadsLoop loop(INDArray mask) {
    if (loop == null || !loop.fits(mask.size(0), mask.size(1))) {
      loop = new SequenceHeadsLoop((int) mask.size(0), (int) mask.size(1), heads, width);
    }
    return loop;
  }
}
