package org.agr4j.layers.cpu;

import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sum of a {@link FusedBlocks fused block}: batch norm, sum and ReLU are written in one pass;
 * backward both sides read the same gradient.
 */
@SuppressWarnings("overrides") // DL4J's equals compares fields; vertices are told apart by identity
final class SumVertex extends ElementWiseVertex {
  private static final long serialVersionUID = 1L;

  private final transient GradientBuffers buffers;
  private transient FusedBatchNorm norm;
  private transient ReluVertex shortcut;
  private transient INDArray cut;

  /** In the place of DL4J's sum of two. */
  SumVertex(ElementWiseVertex plain, GradientBuffers buffers) {
    super(
        plain.getGraph(),
        plain.getVertexName(),
        plain.getVertexIndex(),
        plain.getInputVertices(),
        plain.getOutputVertices(),
        Op.Add,
        DataType.FLOAT);
    this.buffers = buffers;
  }

  /**
   * Tells what stands below.
   *
   * @param norm one of the two
   * @param shortcut the other, or null if that is no ReLU
   */
  void reads(FusedBatchNorm norm, ReluVertex shortcut) {
    this.norm = norm;
    this.shortcut = shortcut;
  }

  /** Whether an array is ReLU of this sum. */
  boolean hasCut(INDArray array) {
    return array != null && array == cut;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr memory) {
    INDArray[] both = getInputs();
    cut = null;
    for (int i = 0; i < 2; i++) {
      if (norm.isDeferred(both[i])) {
        norm.finish(ChannelsLastImages.of(both[1 - i]));
        cut = both[i];
        return cut;
      }
    }
    if (!HostFloats.fits(both[0])) {
      return super.doForward(training, memory);
    }
    INDArray out = ChannelsLastImages.createLike(both[0], memory, ArrayType.ACTIVATIONS);
    ResidualLoop.sum(
        ChannelsLastImages.of(both[0]),
        ChannelsLastImages.of(both[1]),
        null,
        ChannelsLastImages.of(out));
    return out;
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr memory) {
    if (!canDoBackward()) {
      throw new IllegalStateException(
          "Sum \"" + getVertexName() + "\": no gradient or inputs; forward pass first");
    }
    INDArray gradient = getEpsilon();
    buffers.share(gradient);
    if (shortcut != null) {
      shortcut.arrive(gradient);
    }
    return new Pair<>(null, new INDArray[] {gradient, gradient});
  }

  @Override
  public void clear() {
    super.clear();
    cut = null;
  }
}
