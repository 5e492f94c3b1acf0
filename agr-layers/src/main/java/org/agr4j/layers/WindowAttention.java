package org.agr4j.layers;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Multi-head self-attention within square windows of an image: Swin's with cyclic shift, or
 * TinyViT's with padding.
 *
 * <pre>
 * q, k, v = n W_qkv + b_qkv      n = x, or its layer norm with {@code layerNorm}
 * y = concatenated heads( softmax( q kᵀ / √d + bias + mask ) v ) W_proj + b_proj
 * </pre>
 *
 * <p>d = C / heads. Windows of side w lie row by row. <b>Shift</b> s: the image is rolled by (−s,
 * −s) before and back after; −100 is added between positions that came together only by that.
 * <b>Padding</b>: with {@code padded} an image that is no multiple of w gets zeros below and to the
 * right, before the layer norm, which take part as keys, unmasked; without, it is an error. For the
 * bias see {@link PositionBias}.
 *
 * <p>x and y: [N, H, W, C]. Tensors: norm.gamma and norm.beta [C] if there is a layer norm, norms;
 * qkv.W [C, 3C] and qkv.b [3C], whose columns are [3, heads, d] (all queries, all keys, all values)
 * or, with {@code byHead}, [heads, 3, d]; proj.W [C, C] and proj.b [C]; table as the bias says, a
 * table, zeros unless {@code tableInit} draws it. Kept for the backward pass, for N images with P
 * positions: N P (5C with a layer norm, else 4C) numbers, and N · windows · heads · w⁴
 * probabilities.
 *
 * <pre>{@code
 * new WindowAttention.Builder().heads(3).window(7).shift(3).bias(PositionBias.RELATIVE).build()
 * }</pre>
 *
 * <p>Source: Liu et al., arXiv 2103.14030, sections 3.2 and 3.3; Wu et al., arXiv 2207.10666,
 * section 3.3.
 */
public final class WindowAttention extends ChannelsLastLayer {
  static final String JOINT = "qkv.W";
  static final String JOINT_BIAS = "qkv.b";
  static final String TABLE = "table";
  private static final long serialVersionUID = 1L;

  @JsonProperty private int heads;
  @JsonProperty private int window;
  @JsonProperty private int shift;
  @JsonProperty private boolean padded;
  @JsonProperty private boolean byHead;
  @JsonProperty private double normEpsilon;
  @JsonProperty private PositionBias bias;
  @JsonProperty private IWeightInit tableInit;

  /** A window attention with the default settings. */
  public WindowAttention() {
    this(new Builder());
  }

  private WindowAttention(Builder builder) {
    super(builder);
    heads = builder.heads;
    window = builder.window;
    shift = builder.shift;
    padded = builder.padded;
    byHead = builder.byHead;
    normEpsilon = builder.normEpsilon;
    bias = builder.bias;
    tableInit = builder.tableInit;
    if (shift >= window) {
      throw new IllegalArgumentException(
          "shift = " + shift + ", expected less than the window, " + window);
    }
    if (shift > 0 && padded) {
      throw new IllegalArgumentException("shift = " + shift + ", expected 0 with padding");
    }
    initializeConstraints(builder);
  }

  @Override
  List<LayerTensor> tensors() {
    List<LayerTensor> tensors = new ArrayList<>();
    if (normEpsilon > 0) {
      tensors.addAll(Attention.norm(nIn));
    }
    tensors.add(LayerTensor.matrix(JOINT, nIn, 3 * nIn, weightInitFn));
    tensors.add(LayerTensor.vector(JOINT_BIAS, Role.BIAS, 3 * nIn, biasInit));
    tensors.addAll(Attention.projection(nIn, weightInitFn, biasInit));
    if (bias != PositionBias.NONE) {
      long[] shape = bias.shape(window, heads);
      tensors.add(new LayerTensor(TABLE, Role.TABLE, shape, 'c', shape[0], shape[1], tableInit));
    }
    return tensors;
  }

  @Override
  List<Object> settings() {
    return List.of(
        heads, window, shift, padded, byHead, normEpsilon, bias, String.valueOf(tableInit));
  }

  @Override
  long channelsOf(InputType type) {
    return image(type).getChannels();
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    super.setNIn(inputType, override);
    if (nIn % heads != 0) {
      throw wrongInput("expected channels that are a multiple of the heads, " + heads, inputType);
    }
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    if (!padded && (image.getHeight() % window != 0 || image.getWidth() % window != 0)) {
      throw wrongInput("expected sides that are multiples of the window, " + window, image);
    }
    return super.getOutputType(layerIndex, inputType);
  }

  private WindowGrid gridOf(InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    return WindowGrid.of((int) image.getHeight(), (int) image.getWidth(), window, shift);
  }

  @Override
  public long multiplyAdds(InputType inputType) {
    WindowGrid grid = gridOf(inputType);
    return super.multiplyAdds(inputType) + 2 * nIn * grid.windows() * grid.tokens() * grid.tokens();
  }

  @Override
  long keptElements(InputType inputType) {
    WindowGrid grid = gridOf(inputType);
    return grid.size() * nIn * (normEpsilon > 0 ? 5 : 4)
        + (long) grid.windows() * heads * grid.tokens() * grid.tokens();
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link WindowAttention}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int heads = 1;
    private int window = 7;
    private int shift;
    private boolean padded;
    private boolean byHead;
    private double normEpsilon;
    private PositionBias bias = PositionBias.NONE;
    private IWeightInit tableInit = new WeightInitConstant(0);

    /** Sets the number of heads, a divisor of the channels; 1 by default. */
    public Builder heads(int heads) {
      this.heads = Check.atLeast("heads", heads, 1);
      return this;
    }

    /** Sets the side of a window; 7 by default. */
    public Builder window(int window) {
      this.window = Check.atLeast("window", window, 1);
      return this;
    }

    /** Sets the cyclic shift, less than the window; 0 by default. */
    public Builder shift(int shift) {
      this.shift = Check.atLeast("shift", shift, 0);
      return this;
    }

    /** Sets whether images that are no multiple of the window are padded; not by default. */
    public Builder padded(boolean padded) {
      this.padded = padded;
      return this;
    }

    /** Sets whether a head's query, key and value lie side by side in qkv; not by default. */
    public Builder byHead(boolean byHead) {
      this.byHead = byHead;
      return this;
    }

    /** Adds a layer norm in front, with that ε. */
    public Builder layerNorm(double epsilon) {
      this.normEpsilon = Check.positive("epsilon", epsilon);
      return this;
    }

    /** Sets what is added to the scores; nothing by default. */
    public Builder bias(PositionBias bias) {
      this.bias = bias;
      return this;
    }

    /** Draws the bias's table, in place of zeros. */
    public Builder tableInit(IWeightInit tableInit) {
      this.tableInit = tableInit;
      return this;
    }

    @Override
    public WindowAttention build() {
      return new WindowAttention(this);
    }
  }

  private static final class Computation extends AttentionComputation<WindowAttention> {
    private static final long serialVersionUID = 1L;

    private transient WindowGrid grid;
    private transient int[] tableIndex;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    WindowGrid grid(INDArray x) {
      WindowAttention conf = layerConf();
      if (grid == null || !grid.fits(x.size(1), x.size(2))) {
        conf.getOutputType(getIndex(), InputType.convolutional(x.size(1), x.size(2), x.size(3)));
        grid = WindowGrid.of((int) x.size(1), (int) x.size(2), conf.window, conf.shift);
      }
      return grid;
    }

    @Override
    HeadLayout layout() {
      WindowAttention conf = layerConf();
      return new HeadLayout(conf.heads, (int) conf.getNIn() / conf.heads, conf.byHead);
    }

    @Override
    double normEpsilon() {
      return layerConf().normEpsilon;
    }

    @Override
    INDArray jointWeight(boolean training, LayerWorkspaceMgr workspaces) {
      return tensor(JOINT, training, workspaces);
    }

    @Override
    INDArray jointBias(boolean training, LayerWorkspaceMgr workspaces) {
      return tensor(JOINT_BIAS, training, workspaces);
    }

    @Override
    INDArray jointWeightGradient() {
      return gradientOf(JOINT);
    }

    @Override
    INDArray jointBiasGradient() {
      return gradientOf(JOINT_BIAS);
    }

    @Override
    boolean hasScoreBias() {
      return layerConf().bias != PositionBias.NONE;
    }

    @Override
    INDArray scoreBias(boolean training, LayerWorkspaceMgr workspaces) {
      int tokens = layerConf().window * layerConf().window;
      INDArray table = tensor(TABLE, training, workspaces);
      int[] at = tableIndex();
      INDArray bias;
      if (dataType == DataType.FLOAT) {
        float[] from = table.reshape(table.length()).toFloatVector();
        float[] to = new float[at.length];
        for (int i = 0; i < at.length; i++) {
          to[i] = from[at[i]];
        }
        bias = Nd4j.createFromArray(to);
      } else {
        double[] from = table.reshape(table.length()).toDoubleVector();
        double[] to = new double[at.length];
        for (int i = 0; i < at.length; i++) {
          to[i] = from[at[i]];
        }
        bias = Nd4j.createFromArray(to).castTo(dataType);
      }
      return bias.reshape('c', layerConf().heads, tokens, tokens);
    }

    /** Where in the flat table each element of the bias [heads, T, T] is. */
    private int[] tableIndex() {
      if (tableIndex == null) {
        WindowAttention conf = layerConf();
        int tokens = conf.window * conf.window;
        tableIndex = new int[conf.heads * tokens * tokens];
        for (int i = 0; i < tableIndex.length; i++) {
          int head = i / tokens / tokens;
          int query = i / tokens % tokens;
          tableIndex[i] = conf.bias.at(conf.window, conf.heads, head, query, i % tokens);
        }
      }
      return tableIndex;
    }

    @Override
    void scoreBiasGradient(INDArray gradient) {
      double[] from = gradient.reshape(gradient.length()).toDoubleVector();
      INDArray table = gradientOf(TABLE);
      double[] sums = new double[(int) table.length()];
      int[] at = tableIndex();
      for (int i = 0; i < at.length; i++) {
        sums[at[i]] += from[i];
      }
      table.assign(Nd4j.createFromArray(sums).castTo(dataType).reshape('c', table.shape()));
    }

    @Override
    INDArray keyMask() {
      return null;
    }
  }
}
