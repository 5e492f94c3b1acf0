package org.agr4j.layers;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A dense layer over the channels of every position, also known as a 1×1 convolution.
 *
 * <pre>
 * y = f(z)   z = x W + b
 * dz = dy f′(z)    dW = Σ xᵀ dz    db = Σ dz    dx = dz Wᵀ
 * </pre>
 *
 * <p>x: [N, …, nIn], y: [N, …, nOut]. Tensors: W [nIn, nOut] in order 'f' as DL4J's dense layer has
 * it, a weight, drawn by {@code weightInit}; b [nOut], a bias, {@code biasInit}. Kept for the
 * backward pass: z, as large as y, unless f is the identity, which it is without being told.
 *
 * <pre>{@code
 * new PositionwiseDense.Builder().nOut(384).activation(new Gelu()).build()
 * }</pre>
 *
 * <p>Source: Vaswani et al., arXiv 1706.03762, section 3.3.
 */
public final class PositionwiseDense extends ChannelsLastLayer {
  static final String WEIGHT = "W";
  static final String BIAS = "b";
  private static final long serialVersionUID = 1L;

  @JsonProperty private boolean hasBias;
  @JsonProperty private IWeightInit biasInitFn;

  /** A positionwise dense layer with the default settings. */
  public PositionwiseDense() {
    this(new Builder());
  }

  private PositionwiseDense(Builder builder) {
    super(builder);
    hasBias = builder.hasBias;
    biasInitFn = builder.biasInitFn;
    initializeConstraints(builder);
  }

  @Override
  List<LayerTensor> tensors() {
    List<LayerTensor> tensors = new ArrayList<>();
    tensors.add(LayerTensor.matrix(WEIGHT, nIn, nOut, weightInitFn));
    if (hasBias) {
      tensors.add(
          biasInitFn == null
              ? LayerTensor.vector(BIAS, Role.BIAS, nOut, biasInit)
              : LayerTensor.vector(BIAS, Role.BIAS, nOut, nIn, biasInitFn));
    }
    return tensors;
  }

  @Override
  List<Object> settings() {
    return List.of(hasBias, String.valueOf(biasInitFn));
  }

  @Override
  boolean keepsChannels() {
    return false;
  }

  @Override
  long keptElements(InputType inputType) {
    return activationFn instanceof ActivationIdentity
        ? 0
        : inputType.arrayElementsPerExample() / nIn * nOut;
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link PositionwiseDense}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private boolean hasBias = true;
    private IWeightInit biasInitFn;

    /** Draws b with the fan-in of the weights, in place of the constant biasInit. */
    public Builder biasInit(IWeightInit biasInit) {
      this.biasInitFn = biasInit;
      return this;
    }

    /** Sets whether b is there; it is by default. */
    public Builder hasBias(boolean hasBias) {
      this.hasBias = hasBias;
      return this;
    }

    @Override
    public PositionwiseDense build() {
      return new PositionwiseDense(this);
    }
  }

  private static final class Computation extends LayerComputation<PositionwiseDense> {
    private static final long serialVersionUID = 1L;

    private transient INDArray z;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray y = activations(workspaces, shape(x, layerConf().getNOut()));
      boolean keep = training && !activation().isLinear();
      // Without the bias: it is added on the way, both times.
      INDArray product = keep ? activations(workspaces, y.shape()) : y;
      Products.multiply(rows(x), tensor(WEIGHT, training, workspaces), rows(product));
      activation().forward(rows(product), bias(training, workspaces), training, rows(y));
      z = keep ? product : null;
      return y;
    }

    private BiasedActivation activation() {
      return new BiasedActivation(layerConf().getActivationFn());
    }

    private INDArray bias(boolean training, LayerWorkspaceMgr workspaces) {
      return layerConf().hasBias ? tensor(BIAS, training, workspaces) : null;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray weight = tensor(WEIGHT, true, workspaces);
      INDArray dBias = layerConf().hasBias ? gradientOf(BIAS) : null;
      INDArray dz = dy;
      if (!activation().isLinear()) {
        INDArray argument = z;
        if (argument == null) {
          argument = scratch(workspaces, dy.shape());
          Products.multiply(rows(x), weight, rows(argument));
        }
        dz = scratch(workspaces, dy.shape());
        activation().backward(rows(argument), bias(true, workspaces), rows(dy), rows(dz), dBias);
        z = null;
      } else if (dBias != null) {
        ChannelSum.sum(rows(dy), dBias);
      }
      Products.transposedTimes(rows(dz), rows(x), gradientOf(WEIGHT).transpose());
      INDArray dx = inputGradient(workspaces, x.shape());
      Products.timesTransposed(rows(dz), weight, rows(dx));
      return dx;
    }

    @Override
    public void clear() {
      super.clear();
      z = null;
    }
  }
}
