package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Layer normalization over the channels of every position.
 *
 * <pre>
 * μ = mean of x over the C channels, σ² their biased variance, x̂ = (x − μ) / √(σ² + ε)
 * y = γ x̂ + β
 * dγ = Σ dy x̂    dβ = Σ dy    dx = ( g − mean(g) − x̂ mean(g x̂) ) / √(σ² + ε)   with g = γ dy
 * </pre>
 *
 * <p>x and y: [N, …, C]. Tensors: gamma [C] (1 at first) and beta [C] (0), both a norm. Nothing is
 * kept for the backward pass but the input.
 *
 * <pre>{@code
 * new LayerNorm.Builder().epsilon(1e-6).build()
 * }</pre>
 *
 * <p>Source: Ba, Kiros and Hinton, arXiv 1607.06450, equations 3 and 4.
 */
public final class LayerNorm extends ChannelsLastLayer {
  /** Added to the variance unless another number is set. */
  public static final double DEFAULT_EPSILON = 1e-5;

  static final String GAMMA = "gamma";
  static final String BETA = "beta";
  private static final long serialVersionUID = 1L;

  @JsonProperty private double epsilon;

  /** A layer norm with the default settings. */
  public LayerNorm() {
    this(new Builder());
  }

  private LayerNorm(Builder builder) {
    super(builder);
    epsilon = builder.epsilon;
    initializeConstraints(builder);
  }

  /** What is added to the variance. */
  public double epsilon() {
    return epsilon;
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of(
        LayerTensor.vector(GAMMA, Role.NORM, nIn, 1), LayerTensor.vector(BETA, Role.NORM, nIn, 0));
  }

  @Override
  List<Object> settings() {
    return List.of(epsilon);
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link LayerNorm}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private double epsilon = DEFAULT_EPSILON;

    /** Sets what is added to the variance, positive; 1e-5 by default. */
    public Builder epsilon(double epsilon) {
      this.epsilon = Check.positive("epsilon", epsilon);
      return this;
    }

    @Override
    public LayerNorm build() {
      return new LayerNorm(this);
    }
  }

  private static final class Computation extends LayerComputation<LayerNorm> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray y = activations(workspaces, x.shape());
      RowNorm.forward(
          rows(x),
          tensor(GAMMA, training, workspaces),
          tensor(BETA, training, workspaces),
          layerConf().epsilon,
          rows(y));
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape());
      RowNorm.backward(
          rows(x),
          tensor(GAMMA, true, workspaces),
          layerConf().epsilon,
          rows(dy),
          rows(dx),
          gradientOf(GAMMA),
          gradientOf(BETA));
      return dx;
    }
  }
}
