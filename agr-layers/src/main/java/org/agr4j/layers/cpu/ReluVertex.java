package org.agr4j.layers.cpu;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The ReLU of a {@link FusedBlocks fused block}: where the part below has already written ReLU's
 * output, forward passes on that array, and backward the gradients of all readers in one pass.
 *
 * <p>Readers that are fused as well hand their gradients over with {@link #arrive}, since DL4J
 * would add them up element by element through strides.
 */
@SuppressWarnings("overrides") // DL4J's equals compares fields; vertices are told apart by identity
final class ReluVertex extends LayerVertex implements GradientReader {
  private static final long serialVersionUID = 1L;

  private final transient GradientBuffers buffers;
  private final transient List<INDArray> gradients = new ArrayList<>();
  private final boolean readersHandOver;
  private transient FusedBatchNorm norm;
  private transient SumVertex sum;

  /**
   * In the place of an ActivationLayer's vertex.
   *
   * @param readersHandOver whether every reader calls {@link #arrive}
   */
  ReluVertex(LayerVertex plain, GradientBuffers buffers, boolean readersHandOver) {
    super(
        plain.getGraph(),
        plain.getVertexName(),
        plain.getVertexIndex(),
        plain.getInputVertices(),
        plain.getOutputVertices(),
        plain.getLayer(),
        null,
        false,
        DataType.FLOAT);
    this.buffers = buffers;
    this.readersHandOver = readersHandOver;
  }

  /** Tells what stands below: one of the two. */
  void reads(FusedBatchNorm norm, SumVertex sum) {
    this.norm = norm;
    this.sum = sum;
  }

  @Override
  public void arrive(INDArray gradient) {
    gradients.add(gradient);
  }

  @Override
  public void setEpsilon(INDArray epsilon) {
    if (!readersHandOver && epsilon != null) {
      gradients.add(epsilon);
    }
  }

  /** Always null: what DL4J finds here it adds to. */
  @Override
  public INDArray getEpsilon() {
    return null;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr memory) {
    gradients.clear();
    INDArray x = getInputs()[0];
    if (isOutputOfBelow(x)) {
      return x;
    }
    if (!HostFloats.fits(x)) {
      return super.doForward(training, memory);
    }
    INDArray from = ChannelsLastImages.of(x);
    // In inference in place, as DL4J does it.
    boolean inPlace = !training && isWhereActivationsLie(x, memory) && ChannelsLastImages.are(x);
    INDArray y = inPlace ? x : ChannelsLastImages.createLike(x, memory, ArrayType.ACTIVATIONS);
    ReluLoop.forward(from, null, inPlace ? from : ChannelsLastImages.of(y));
    return y;
  }

  private static boolean isWhereActivationsLie(INDArray x, LayerWorkspaceMgr memory) {
    if (memory.isScopedOut(ArrayType.ACTIVATIONS)) {
      return !x.isAttached();
    }
    return x.isAttached()
        && x.data()
            .getParentWorkspace()
            .getId()
            .equals(memory.getWorkspaceName(ArrayType.ACTIVATIONS));
  }

  private boolean isOutputOfBelow(INDArray x) {
    return norm != null ? norm.hasCut(x) : sum.hasCut(x);
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr memory) {
    INDArray x = getInputs()[0];
    if (gradients.isEmpty() || x == null) {
      throw new IllegalStateException(
          "ReLU \"" + getVertexName() + "\": no gradient or input; forward pass first");
    }
    INDArray first = gradients.get(0);
    // Batch norm computes ReLU's derivative on the way.
    boolean asItIs = norm != null && norm.hasCut(x);
    while (gradients.size() > 2 || asItIs && gradients.size() > 1) {
      first = combine(null, gradients.remove(0), gradients.remove(0));
      gradients.add(0, first);
    }
    if (!asItIs) {
      first = combine(x, first, gradients.size() > 1 ? gradients.get(1) : null);
    } else if (!buffers.hold(first)) { // in memory that DL4J takes back after this
      INDArray copy = buffers.take(first);
      first = copy.assign(first);
    }
    gradients.clear();
    return new Pair<>(new DefaultGradient(), new INDArray[] {first});
  }

  /** The sum of one or two gradients, where x &gt; 0 if there is one. */
  private INDArray combine(INDArray x, INDArray a, INDArray b) {
    boolean exchange = !buffers.isLastReaders(a) && b != null;
    INDArray first = exchange ? b : a;
    INDArray second = exchange ? a : b;
    INDArray to = buffers.isLastReaders(first) ? first : buffers.take(first);
    write(to, x, first, second);
    if (first != to) {
      buffers.release(first);
    }
    if (second != null) {
      buffers.release(second);
    }
    return to;
  }

  private static void write(INDArray to, INDArray x, INDArray first, INDArray second) {
    if (!HostFloats.fits(to)) {
      to.assign(second == null ? first : first.add(second));
      if (x != null) {
        to.muli(x.gt(0).castTo(to.dataType()));
      }
      return;
    }
    INDArray out = ChannelsLastImages.of(to);
    INDArray one = ChannelsLastImages.of(first);
    INDArray other = second == null ? null : ChannelsLastImages.of(second);
    if (x == null) {
      ResidualLoop.sum(one, other, null, out);
    } else {
      ReluLoop.backward(ChannelsLastImages.of(x), one, other, out);
    }
  }

  @Override
  public void clear() {
    super.clear();
    gradients.clear();
    buffers.releaseAll();
  }
}
