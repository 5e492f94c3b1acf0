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
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A convolution of each channel with a kernel of its own.
 *
 * <pre>
 * y[i, j, c] = b[c] + Σ_{u, v} W[u, v, c] x[s i + u − p, s j + v − p, c]
 * </pre>
 *
 * <p>k is the kernel's side (odd or even), s the stride (1), p the padding (⌊k/2⌋), and x is zero
 * outside the image. x: [N, H, W, C], y: [N, ⌊(H + 2p − k)/s⌋ + 1, …, C]. Tensors: W [k, k, C, 1],
 * a weight, fan-in k²; b [C], a bias. Nothing is kept for the backward pass but the input.
 *
 * <pre>{@code
 * new DepthwiseConvolution.Builder().kernel(7).build()
 * }</pre>
 *
 * <p>Source: Chollet, arXiv 1610.02357, section 1.
 */
public final class DepthwiseConvolution extends ChannelsLastLayer {
  static final String WEIGHT = "W";
  static final String BIAS = "b";
  private static final long serialVersionUID = 1L;

  @JsonProperty private int kernel;
  @JsonProperty private int stride;
  @JsonProperty private int padding;
  @JsonProperty private boolean hasBias;
  @JsonProperty private IWeightInit biasInitFn;

  /** A depthwise convolution with the default settings. */
  public DepthwiseConvolution() {
    this(new Builder());
  }

  private DepthwiseConvolution(Builder builder) {
    super(builder);
    kernel = builder.kernel;
    stride = builder.stride;
    padding = builder.padding < 0 ? kernel / 2 : builder.padding;
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
    long taps = (long) kernel * kernel;
    tensors.add(
        new LayerTensor(
            WEIGHT,
            Role.WEIGHT,
            new long[] {kernel, kernel, nIn, 1},
            'c',
            taps,
            taps,
            weightInitFn));
    if (hasBias) {
      IWeightInit initial = biasInitFn == null ? new WeightInitConstant(biasInit) : biasInitFn;
      tensors.add(LayerTensor.vector(BIAS, Role.BIAS, nIn, taps, initial));
    }
    return tensors;
  }

  @Override
  List<Object> settings() {
    return List.of(kernel, stride, padding, hasBias, String.valueOf(biasInitFn));
  }

  @Override
  long channelsOf(InputType type) {
    return image(type).getChannels();
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    long height = window().positions(image.getHeight());
    long width = window().positions(image.getWidth());
    if (height < 1 || width < 1) {
      throw wrongInput("a kernel of " + kernel + " with padding " + padding + " is larger", image);
    }
    return InputType.convolutional(height, width, nOut, image.getFormat());
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link DepthwiseConvolution}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int kernel = 3;
    private int stride = 1;
    private int padding = -1;
    private boolean hasBias = true;
    private IWeightInit biasInitFn;

    /** Sets the side of the kernel, at least 1; 3 by default. */
    public Builder kernel(int kernel) {
      this.kernel = Check.atLeast("kernel", kernel, 1);
      return this;
    }

    /** Sets the stride, at least 1; 1 by default. */
    public Builder stride(int stride) {
      this.stride = Check.atLeast("stride", stride, 1);
      return this;
    }

    /** Sets the zeros on each side, at least 0; half the kernel, rounded down, by default. */
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
    public DepthwiseConvolution build() {
      return new DepthwiseConvolution(this);
    }
  }

  private static final class Computation extends LayerComputation<DepthwiseConvolution> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
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
              x.size(3));
      Depthwise.forward(
          window,
          x,
          tensor(WEIGHT, training, workspaces),
          layerConf().hasBias ? tensor(BIAS, training, workspaces) : null,
          y);
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape());
      Depthwise.backward(
          layerConf().window(),
          x,
          tensor(WEIGHT, true, workspaces),
          dy,
          dx,
          gradientOf(WEIGHT),
          layerConf().hasBias ? gradientOf(BIAS) : null);
      return dx;
    }
  }
}
