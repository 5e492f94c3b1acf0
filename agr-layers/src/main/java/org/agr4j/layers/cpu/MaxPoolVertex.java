package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Max pooling of windows of 2×2 side by side, between {@link FusedBlocks fused blocks}; a row or
 * column that is left over is dropped.
 *
 * <p>The gradient goes to the first of a window's largest pixels.
 */
@SuppressWarnings("overrides") // DL4J's equals compares fields; vertices are told apart by identity
final class MaxPoolVertex extends LayerVertex implements GradientReader {
  private static final long serialVersionUID = 1L;

  private final transient GradientBuffers buffers;
  private transient ReluVertex below;
  private transient INDArray output;

  /** In the place of a SubsamplingLayer's vertex. */
  MaxPoolVertex(LayerVertex plain, GradientBuffers buffers) {
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
  }

  /** Tells what stands below. */
  void reads(ReluVertex relu) {
    below = relu;
  }

  @Override
  public void arrive(INDArray gradient) {
    setEpsilon(gradient);
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr memory) {
    INDArray x = getInputs()[0];
    output =
        ChannelsLastImages.create(
            memory, ArrayType.ACTIVATIONS, x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2);
    INDArray from = ChannelsLastImages.of(x);
    FloatBuffer pixels = HostFloats.of(from);
    FloatBuffer to = HostFloats.of(ChannelsLastImages.of(output));
    forEachWindow(
        from,
        (corner, row, at, largest, other, work) -> {
          pixels.get(corner, largest);
          for (int k = 1; k < 4; k++) {
            pixels.get(corner + offset(k, row, largest.length), other);
            larger(largest, other, largest.length);
          }
          to.put(at, largest);
        });
    return output;
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr memory) {
    if (!canDoBackward() || output == null) {
      throw new IllegalStateException(
          "Max pooling \"" + getVertexName() + "\": no gradient or input; forward pass first");
    }
    INDArray x = getInputs()[0];
    INDArray dx = buffers.take(x);
    INDArray from = ChannelsLastImages.of(x);
    FloatBuffer pixels = HostFloats.of(from);
    FloatBuffer y = HostFloats.of(ChannelsLastImages.of(output));
    FloatBuffer dy = HostFloats.of(ChannelsLastImages.of(getEpsilon()));
    INDArray last = ChannelsLastImages.of(dx);
    if (x.size(2) % 2 == 1 || x.size(3) % 2 == 1) {
      last.assign(0);
    }
    FloatBuffer to = HostFloats.of(last);
    forEachWindow(
        from,
        (corner, row, at, largest, other, rest) -> {
          y.get(at, largest);
          dy.get(at, rest);
          for (int k = 0; k < 4; k++) {
            int pixel = corner + offset(k, row, largest.length);
            pixels.get(pixel, other);
            takeWhereEqual(other, largest, rest, largest.length);
            to.put(pixel, other);
          }
        });
    buffers.release(getEpsilon());
    below.arrive(dx);
    return new Pair<>(new DefaultGradient(), new INDArray[] {dx});
  }

  private static int offset(int pixel, int row, int channels) {
    return pixel / 2 * row + pixel % 2 * channels;
  }

  private static void larger(float[] largest, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      largest[i] = Math.max(largest[i], x[i]);
    }
  }

  /**
   * x ← rest where x is the largest, else 0; what was taken is 0 in the rest. Without a branch: see
   * {@link ReluLoop#gate}.
   */
  private static void takeWhereEqual(float[] x, float[] largest, float[] rest, int n) {
    for (int i = 0; i < n; i++) {
      float taken =
          rest[i] * (1f - Math.min((largest[i] - x[i]) * Float.MAX_VALUE * Float.MAX_VALUE, 1f));
      x[i] = taken;
      rest[i] -= taken;
    }
  }

  private static void forEachWindow(INDArray from, Window work) {
    int batch = Math.toIntExact(from.size(0));
    int height = Math.toIntExact(from.size(1));
    int width = Math.toIntExact(from.size(2));
    int channels = Math.toIntExact(from.size(3));
    int rows = height / 2;
    int columns = width / 2;
    FloatRows.forEachChunk(
        batch * rows,
        width * channels,
        (chunk, first, end) -> {
          float[] largest = new float[channels];
          float[] other = new float[channels];
          float[] rest = new float[channels];
          for (int r = first; r < end; r++) {
            int top = (r / rows * height + r % rows * 2) * width;
            for (int c = 0; c < columns; c++) {
              work.on(
                  (top + 2 * c) * channels,
                  width * channels,
                  (r * columns + c) * channels,
                  largest,
                  other,
                  rest);
            }
          }
        });
  }

  private interface Window {
    void on(int corner, int row, int at, float[] largest, float[] other, float[] work);
  }

  @Override
  public void clear() {
    super.clear();
    output = null;
  }
}
