package org.agr4j.layers.cpu;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A vertex of a fused block, to which the parts that read it give the gradients of its output. */
interface GradientReader {
  /** One reader's gradient, from the block's {@link GradientBuffers}; it is given away. */
  void arrive(INDArray gradient);
}
