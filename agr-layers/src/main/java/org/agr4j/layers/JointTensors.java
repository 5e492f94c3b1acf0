package org.agr4j.layers;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Queries', keys' and values' tensors that a layer lists first, the three matrices before the three
 * biases: they lie as one matrix and one vector, so that one product makes all three.
 */
final class JointTensors {
  static final List<String> WEIGHTS = List.of("q.W", "k.W", "v.W");
  static final List<String> BIASES = List.of("q.b", "k.b", "v.b");

  private JointTensors() {}

  /** Matrix [C, 3C] over the memory of the three, from a layer's flat parameters or gradients. */
  static INDArray weights(INDArray flat, long c) {
    INDArray slice = flat.reshape(flat.length()).get(NDArrayIndex.interval(0, 3 * c * c));
    return slice.reshape('f', c, 3 * c);
  }

  /** Vector [3C] over the memory of the three. */
  static INDArray biases(INDArray flat, long c) {
    return flat.reshape(flat.length()).get(NDArrayIndex.interval(3 * c * c, 3 * c * c + 3 * c));
  }
}
