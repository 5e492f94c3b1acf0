package org.agr4j.layers.cpu;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Arrays that are equal and lie differently in memory. */
final class Layouts {
  private static final int[][] ORDERS = {{0, 2, 3, 1}, {0, 3, 1, 2}, {1, 0, 2, 3}, {3, 2, 1, 0}};

  private Layouts() {}

  /** Row-major, column-major, with axes in other orders, and a window of a larger array. */
  static List<INDArray> of(INDArray array) {
    List<INDArray> all = new ArrayList<>(List.of(array, array.dup('f'), window(array)));
    for (int[] order : ORDERS) {
      int[] back = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        back[order[i]] = i;
      }
      all.add(array.permute(order).dup('c').permute(back));
    }
    return all;
  }

  private static INDArray window(INDArray array) {
    long[] larger = array.shape().clone();
    INDArrayIndex[] inside = new INDArrayIndex[larger.length];
    for (int i = 0; i < larger.length; i++) {
      inside[i] = NDArrayIndex.interval(i, i + larger[i]);
      larger[i] += i + 1;
    }
    INDArray window = Nd4j.valueArrayOf(larger, 99, array.dataType()).get(inside);
    return window.assign(array);
  }
}
