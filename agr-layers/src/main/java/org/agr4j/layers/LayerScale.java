package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A trained factor for each channel, small at first so that a deep residual network begins close to
 * the identity.
 *
 * <pre>
 * y = γ x    dγ = Σ dy x    dx = γ dy
 * </pre>
 *
 * <p>x and y: [N, …, C]. Tensor: scale [C], a norm, 1e-6 at first. Nothing is kept for the backward
 * pass but the input.
 *
 * <p>Source: Touvron et al., arXiv 2103.17239, equation 4.
 */
public final class LayerScale extends ChannelsLastLayer {
  static final String SCALE = "scale";
  private static final long serialVersionUID = 1L;

  @JsonProperty private double initial;

  /** A layer scale with the default settings. */
  public LayerScale() {
    this(new Builder());
  }

  private LayerScale(Builder builder) {
    super(builder);
    initial = builder.initial;
    initializeConstraints(builder);
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of(LayerTensor.vector(SCALE, Role.NORM, nIn, initial));
  }

  @Override
  List<Object> settings() {
    return List.of(initial);
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link LayerScale}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private double initial = 1e-6;

    /** Sets γ at first; 1e-6 by default. */
    public Builder initial(double initial) {
      this.initial = initial;
      return this;
    }

    @Override
    public LayerScale build() {
      return new LayerScale(this);
    }
  }

  private static final class Computation extends LayerComputation<LayerScale> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray y = activations(workspaces, x.shape());
      ChannelScale.forward(rows(x), tensor(SCALE, training, workspaces), rows(y));
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape());
      ChannelScale.backward(
          rows(x), tensor(SCALE, true, workspaces), rows(dy), rows(dx), gradientOf(SCALE));
      return dx;
    }
  }
}
