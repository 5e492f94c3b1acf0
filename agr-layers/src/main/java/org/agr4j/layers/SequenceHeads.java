package org.agr4j.layers;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The arithmetic of attention over whole sequences, between the joint product and the heads'
 * outputs: {@link WindowHeads} with one window, without keeping its probabilities.
 */
final class SequenceHeads {
  private final int heads;
  private final int width;

  SequenceHeads(int heads, int width) {
    this.heads = heads;
    this.width = width;
  }

  /**
   * Writes the heads' outputs.
   *
   * @param qkv [N T, 3C] less its bias, not modified
   * @param bias [3C], not modified
   * @param mask [N, T], 1 for keys that count, not modified
   * @param o [N T, C]
   */
  void forward(INDArray qkv, INDArray bias, INDArray mask, INDArray o) {
    probabilities(qkv.addRowVector(bias), mask, o);
  }

  /**
   * Writes the gradient of the joint product.
   *
   * @param qkv as {@link #forward} was given it, as the next two
   * @param dO [N T, C], not modified
   * @param dQkv [N T, 3C]
   */
  void backward(INDArray qkv, INDArray bias, INDArray mask, INDArray dO, INDArray dQkv) {
    INDArray again = Nd4j.createUninitialized(dO.dataType(), dO.shape(), 'c');
    INDArray shifted = qkv.addRowVector(bias);
    INDArray p = probabilities(shifted, mask, again);
    whole(mask).backward(shifted, p, dO, dQkv, null);
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
}
