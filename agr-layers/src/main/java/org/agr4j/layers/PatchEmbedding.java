package org.agr4j.layers;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A dense layer over the pixels of every patch of an image: a strided convolution, and the door
 * from images NCHW to positions NHWC.
 *
 * <pre>
 * y[i, j, o] = b[o] + Σ_{u, v, c} W[o, u, v, c] x[s i + u − p, s j + v − p, c]
 * </pre>
 *
 * <p>With {@code patch(k)} patches of side k lie side by side (stride k, no padding), and the
 * image's sides must be multiples of k. With {@code kernel}, {@code stride} and {@code padding}
 * they may overlap. x: [N, H, W, nIn] or, if the input type says so, [N, nIn, H, W]; y: always [N,
 * ⌊(H + 2p − k)/s⌋ + 1, …, nOut]. Tensors: W [nOut, k, k, nIn], a weight, fan-in k² nIn; b [nOut],
 * a bias. Nothing is kept for the backward pass but the input.
 *
 * <pre>{@code
 * new PatchEmbedding.Builder().patch(4).nOut(96).build()
 * }</pre>
 *
 * <p>Source: Dosovitskiy et al., arXiv 2010.11929, section 3.1.
 */
public final class PatchEmbedding extends ChannelsLastLayer {
  static final String WEIGHT = "W";
  static final String BIAS = "b";
  private static final long serialVersionUID = 1L;

  @JsonProperty private int kernel;
  @JsonProperty private int stride;
  @JsonProperty private int padding;
  @JsonProperty private boolean hasBias;
  @JsonProperty private IWeightInit biasInitFn;

  /** A patch embedding with the default settings. */
  public PatchEmbedding() {
    this(new Builder());
  }

  private PatchEmbedding(Builder builder) {
    super(builder);
    kernel = builder.kernel;
    stride = builder.stride;
    padding = builder.padding;
    hasBias = builder.hasBias;
    biasInitFn = builder.biasInitFn;
    initializeConstraints(builder);
  }

  private Window window() {
    return new Window(kernel, stride, padding);
  }

  @Override
  List<LayerTensor> tensors() {
    List<LayerTensor> tensors = new ArrayList<>();
    double fanIn = (double) kernel * kernel * nIn;
    tensors.add(
        new LayerTensor(
            WEIGHT,
            Role.WEIGHT,
            new long[] {nOut, kernel, kernel, nIn},
            'c',
            fanIn,
            (double) kernel * kernel * nOut / stride / stride,
            weightInitFn));
    if (hasBias) {
      IWeightInit initial = biasInitFn == null ? new WeightInitConstant(biasInit) : biasInitFn;
      tensors.add(LayerTensor.vector(BIAS, Role.BIAS, nOut, fanIn, initial));
    }
    return tensors;
  }

  @Override
  List<Object> settings() {
    return List.of(kernel, stride, padding, hasBias, String.valueOf(biasInitFn));
  }

  @Override
  boolean keepsChannels() {
    return false;
  }

  @Override
  long channelsOf(InputType type) {
    return image(type).getChannels();
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    boolean sideBySide = kernel == stride && padding == 0;
    if (sideBySide && (image.getHeight() % kernel != 0 || image.getWidth() % kernel != 0)) {
      throw wrongInput("expected sides that are multiples of the patch, " + kernel, image);
    }
    long height = window().positions(image.getHeight());
    long width = window().positions(image.getWidth());
    if (height < 1 || width < 1) {
      throw wrongInput("a kernel of " + kernel + " with padding " + padding + " is larger", image);
    }
    return InputType.convolutional(height, width, nOut, CNN2DFormat.NHWC);
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link PatchEmbedding}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int kernel = 4;
    private int stride = 4;
    private int padding;
    private boolean hasBias = true;
    private IWeightInit biasInitFn;

    /** Sets patches of this side, side by side; 4 by default. */
    public Builder patch(int side) {
      kernel = Check.atLeast("patch", side, 1);
      stride = side;
      padding = 0;
      return this;
    }

    /** Sets the side of a patch, which may be more than the stride. */
    public Builder kernel(int kernel) {
      this.kernel = Check.atLeast("kernel", kernel, 1);
      return this;
    }

    /** Sets the distance of patches. */
    public Builder stride(int stride) {
      this.stride = Check.atLeast("stride", stride, 1);
      return this;
    }

    /** Sets the zeros on each side of the image; 0 by default. */
    public Builder padding(int padding) {
      this.padding = Check.atLeast("padding", padding, 0);
      return this;
    }

    /** Sets whether b is there; it is by default. */
    public Builder hasBias(boolean hasBias) {
      this.hasBias = hasBias;
      return this;
    }

    /** Draws the bias with the fan-in of the weights, in place of the constant biasInit. */
    public Builder biasInit(IWeightInit biasInit) {
      this.biasInitFn = biasInit;
      return this;
    }

    @Override
    public PatchEmbedding build() {
      return new PatchEmbedding(this);
    }
  }

  private static final class Computation extends LayerComputation<PatchEmbedding> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    boolean outputIsChannelsFirst() {
      return false;
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      Window window = layerConf().window();
      INDArray y =
          activations(
              workspaces,
              x.size(0),
              window.positions(x.size(1)),
              window.positions(x.size(2)),
              layerConf().getNOut());
      new Patches(window, workspaces).forward(x, tensor(WEIGHT, training, workspaces), y);
      if (layerConf().hasBias) {
        ChannelSum.add(rows(y), tensor(BIAS, training, workspaces));
      }
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape());
      new Patches(layerConf().window(), workspaces)
          .backward(x, tensor(WEIGHT, true, workspaces), dy, dx, gradientOf(WEIGHT));
      if (layerConf().hasBias) {
        ChannelSum.sum(rows(dy), gradientOf(BIAS));
      }
      return dx;
    }
  }
}
