package org.agr4j.layers;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The configuration that all layers of this package share: nIn and nOut are channels, the tensors
 * are listed with their roles, and the activation function is the identity unless one is set.
 *
 * <p>Input: InputType.feedForward, recurrent or convolutional, or arrays [N, C], [N, time, C], [N,
 * height, width, C]. For an input type in NCW or NCHW, or after {@code channelsFirst(true)}, arrays
 * are [N, C, …] on both sides and are permuted within.
 *
 * <p>A tensor is a weight, a bias, a norm (one number a channel), a table that is looked up or a
 * running statistic. DL4J has two places for updaters and regularizations, of weights and of
 * biases: norms and tables beside weights are treated as biases, in a layer without weights as DL4J
 * treats weights, so a network-wide l2 reaches a layer norm. Statistics have no updater.
 */
public abstract class ChannelsLastLayer extends FeedForwardLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private boolean channelsFirst;

  /** From a builder; the subclass calls {@code initializeConstraints} at its end. */
  protected ChannelsLastLayer(Builder<?> builder) {
    super(builder);
    channelsFirst = builder.channelsFirst;
    if (keepsChannels()) {
      nOut = nIn;
    }
    if (activationFn == null) {
      activationFn = new ActivationIdentity(); // not the network's, which is the sigmoid by default
    }
  }

  /** Every tensor of this layer, in the order of its parameters. */
  abstract List<LayerTensor> tensors();

  /** What distinguishes this layer from another of its class, beyond DL4J's own settings. */
  abstract List<Object> settings();

  /** Makes what computes this layer's activations and gradients. */
  abstract LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType);

  private Role role(String key) {
    for (LayerTensor tensor : tensors()) {
      if (tensor.key().equals(key)) {
        return tensor.role();
      }
    }
    throw new IllegalArgumentException(described() + " has no tensor \"" + key + "\"");
  }

  /** Number of inputs it reads beside its own; see {@link LinkedLayer}. */
  int sideInputs() {
    return 0;
  }

  /** Number of tensors of other layers that it uses; see {@link LinkedLayer}. */
  int borrowedTensors() {
    return 0;
  }

  /** Whether arrays are [N, C, …] on both sides of this layer. */
  boolean isChannelsFirst() {
    return channelsFirst;
  }

  /** Whether the number of output channels is that of the input. */
  boolean keepsChannels() {
    return true;
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    if (nIn <= 0 || nOut <= 0) {
      throw new IllegalStateException(
          described()
              + ": nIn = "
              + nIn
              + ", nOut = "
              + nOut
              + "; set them, or give the network an input type");
    }
    LayerComputation<?> layer = computation(conf, dataType);
    layer.setListeners(listeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(paramsView);
    layer.setParamTable(initializer().init(conf, paramsView, initializeParams));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return TensorInitializer.INSTANCE;
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    long channels = channelsOf(inputType);
    if (nIn <= 0 || override) {
      nIn = channels;
    } else if (nIn != channels) {
      throw wrongInput("nIn = " + nIn + " does not fit", inputType);
    }
    if (keepsChannels()) {
      nOut = nIn;
    }
    channelsFirst = isChannelsFirst(inputType);
  }

  private static boolean isChannelsFirst(InputType type) {
    if (type instanceof InputType.InputTypeRecurrent) {
      return ((InputType.InputTypeRecurrent) type).getFormat() == RNNFormat.NCW;
    }
    return type instanceof InputType.InputTypeConvolutional
        && ((InputType.InputTypeConvolutional) type).getFormat() == CNN2DFormat.NCHW;
  }

  /** The channels of an input of this type. */
  long channelsOf(InputType type) {
    if (type instanceof InputType.InputTypeFeedForward) {
      return ((InputType.InputTypeFeedForward) type).getSize();
    }
    if (type instanceof InputType.InputTypeRecurrent) {
      return ((InputType.InputTypeRecurrent) type).getSize();
    }
    if (type instanceof InputType.InputTypeConvolutional) {
      return ((InputType.InputTypeConvolutional) type).getChannels();
    }
    throw wrongInput("expected feed forward, recurrent or convolutional input", type);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    channelsOf(inputType);
    if (inputType instanceof InputType.InputTypeRecurrent) {
      InputType.InputTypeRecurrent type = (InputType.InputTypeRecurrent) inputType;
      return InputType.recurrent(nOut, type.getTimeSeriesLength(), type.getFormat());
    }
    if (inputType instanceof InputType.InputTypeConvolutional) {
      InputType.InputTypeConvolutional type = (InputType.InputTypeConvolutional) inputType;
      return InputType.convolutional(type.getHeight(), type.getWidth(), nOut, type.getFormat());
    }
    return InputType.feedForward(nOut);
  }

  /** The input as an image, or an error that names this layer. */
  InputType.InputTypeConvolutional image(InputType type) {
    if (!(type instanceof InputType.InputTypeConvolutional)) {
      throw wrongInput("expected InputType.convolutional(height, width, channels, format)", type);
    }
    return (InputType.InputTypeConvolutional) type;
  }

  /** The error of an input that does not fit. */
  IllegalStateException wrongInput(String why, InputType found) {
    return new IllegalStateException(described() + ": " + why + ", found " + found);
  }

  /** This layer for an error message. */
  String described() {
    return "Layer \"" + getLayerName() + "\" (" + getClass().getSimpleName() + ")";
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    if (inputType instanceof InputType.InputTypeConvolutionalFlat) {
      InputType.InputTypeConvolutionalFlat flat = (InputType.InputTypeConvolutionalFlat) inputType;
      return new FeedForwardToCnnPreProcessor(flat.getHeight(), flat.getWidth(), flat.getDepth());
    }
    return null;
  }

  @Override
  public IUpdater getUpdaterByParam(String paramName) {
    if (role(paramName) == Role.STATISTIC) {
      return new NoOp();
    }
    return isTreatedAsBias(paramName) && biasUpdater != null ? biasUpdater : iUpdater;
  }

  @Override
  public List<Regularization> getRegularizationByParam(String paramName) {
    if (role(paramName) == Role.STATISTIC) {
      return null;
    }
    return isTreatedAsBias(paramName) ? regularizationBias : regularization;
  }

  private boolean isTreatedAsBias(String key) {
    Role role = role(key);
    return role == Role.BIAS
        || role != Role.WEIGHT && tensors().stream().anyMatch(t -> t.role() == Role.WEIGHT);
  }

  /**
   * Number of multiply-adds of a forward pass over one example: each weight at each position of the
   * output, and in attention queries with keys and probabilities with values. What grows with the
   * activations alone (norms, activation functions, sums, softmax) is left out.
   *
   * @param inputType shape of an example
   */
  public long multiplyAdds(InputType inputType) {
    long weights = 0;
    for (LayerTensor tensor : tensors()) {
      weights += tensor.role() == Role.WEIGHT ? tensor.length() : 0;
    }
    return weights == 0
        ? 0
        : weights * (getOutputType(-1, inputType).arrayElementsPerExample() / nOut);
  }

  /** Elements kept between forward and backward pass beyond input and output, for one example. */
  long keptElements(InputType inputType) {
    return 0;
  }

  /**
   * Number of elements that a training step keeps for the backward pass beyond input and output.
   *
   * @param inputType shape of an example
   */
  public long keptForBackward(InputType inputType) {
    return keptElements(inputType);
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    InputType outputType = getOutputType(-1, inputType);
    long updaterState = 0;
    for (LayerTensor tensor : tensors()) {
      IUpdater updater = getUpdaterByParam(tensor.key());
      updaterState += updater == null ? 0 : updater.stateSize(tensor.length());
    }
    return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, outputType)
        .standardMemory(initializer().numParams(this), updaterState)
        .workingMemory(0, 0, 0, keptElements(inputType))
        .cacheMemory(0, 0)
        .build();
  }

  @Override
  public boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && super.equals(other)
        && channelsFirst == ((ChannelsLastLayer) other).channelsFirst
        && settings().equals(((ChannelsLastLayer) other).settings());
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + settings().hashCode();
  }

  @Override
  public String toString() {
    return described() + " " + nIn + " -> " + nOut + " " + settings();
  }

  /** What every builder here can be told. */
  public abstract static class Builder<T extends Builder<T>> extends FeedForwardLayer.Builder<T> {
    private boolean channelsFirst;

    /** Begins a builder with the default settings of the layer. */
    protected Builder() {}

    /** Sets arrays to be [N, C, …]; an input type of the network says it itself. */
    @SuppressWarnings("unchecked")
    public T channelsFirst(boolean channelsFirst) {
      this.channelsFirst = channelsFirst;
      return (T) this;
    }

    /** A list that DL4J may change. */
    static List<Regularization> copy(List<Regularization> regularization) {
      return new ArrayList<>(regularization);
    }
  }
}
