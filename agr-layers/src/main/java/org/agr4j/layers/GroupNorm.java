package org.agr4j.layers;

import java.util.List;
import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.GroupNormLoop;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Group normalization: every sample's channels in groups of neighbours, each normalized over its
 * channels and all positions; an activation function over the result if one is set.
 *
 * <pre>
 * μ, σ² = mean and biased variance of a group, x̂ = (x − μ) / √(σ² + ε)
 * y = f(γ x̂ + β)
 * dx = ( g − mean(g) − x̂ mean(g x̂) ) / √(σ² + ε)   with g = γ dz, means over the group
 * </pre>
 *
 * <p>x and y: [N, …, C], C a multiple of the number of groups. Tensors: gamma [C] (1 at first) and
 * beta [C] (0), both norms. Nothing is kept for the backward pass but the input.
 *
 * <p>Source: Wu and He, arXiv 1803.08494, equations 1 to 7.
 */
public final class GroupNorm extends ChannelsLastLayer {
  /** Added to the variance unless another number is set. */
  public static final double DEFAULT_EPSILON = 1e-5;

  static final String GAMMA = "gamma";
  static final String BETA = "beta";
  private static final long serialVersionUID = 1L;

  @JsonProperty private int groups;
  @JsonProperty private double epsilon;

  /** A group norm with the default settings. */
  public GroupNorm() {
    this(new Builder());
  }

  private GroupNorm(Builder builder) {
    super(builder);
    groups = builder.groups;
    epsilon = builder.epsilon;
    initializeConstraints(builder);
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of(
        LayerTensor.vector(GAMMA, Role.NORM, nIn, 1), LayerTensor.vector(BETA, Role.NORM, nIn, 0));
  }

  @Override
  List<Object> settings() {
    return List.of(groups, epsilon);
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    super.setNIn(inputType, override);
    if (nIn % groups != 0) {
      throw wrongInput("expected channels that are a multiple of the groups, " + groups, inputType);
    }
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link GroupNorm}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int groups = 32;
    private double epsilon = DEFAULT_EPSILON;

    /** Sets the number of groups, a divisor of the channels; 32 by default. */
    public Builder groups(int groups) {
      this.groups = Check.atLeast("groups", groups, 1);
      return this;
    }

    /** Sets what is added to the variance, positive; 1e-5 by default. */
    public Builder epsilon(double epsilon) {
      this.epsilon = Check.positive("epsilon", epsilon);
      return this;
    }

    @Override
    public GroupNorm build() {
      return new GroupNorm(this);
    }
  }

  private static final class Computation extends LayerComputation<GroupNorm> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray y = activations(workspaces, x.shape());
      INDArray gamma = tensor(GAMMA, training, workspaces);
      INDArray beta = tensor(BETA, training, workspaces);
      if (hasLoop() && FloatRows.usable(x, gamma, beta, y)) {
        GroupNormLoop.forward(
            x, gamma, beta, layerConf().groups, layerConf().epsilon, !isLinear(), y);
        return y;
      }
      affine(x, training, y, workspaces);
      return isLinear() ? y : layerConf().getActivationFn().getActivation(y, training);
    }

    private boolean hasLoop() {
      return isLinear() || layerConf().getActivationFn() instanceof ActivationSwish;
    }

    private boolean isLinear() {
      return layerConf().getActivationFn() instanceof ActivationIdentity;
    }

    private void affine(INDArray x, boolean training, INDArray out, LayerWorkspaceMgr workspaces) {
      grouped(out).assign(normalized(x, inverseDeviation(x)));
      rows(out)
          .muliRowVector(tensor(GAMMA, training, workspaces))
          .addiRowVector(tensor(BETA, training, workspaces));
    }

    /** The array as [N, positions, groups, channels of a group]. */
    private INDArray grouped(INDArray array) {
      long channels = layerConf().nIn;
      long samples = array.size(0);
      return array.reshape(
          'c',
          samples,
          array.length() / samples / channels,
          layerConf().groups,
          channels / layerConf().groups);
    }

    private static INDArray meanOfGroup(INDArray grouped) {
      return grouped.mean(true, 1, 3);
    }

    private INDArray centered(INDArray x) {
      INDArray grouped = grouped(x);
      return grouped.sub(meanOfGroup(grouped));
    }

    private INDArray inverseDeviation(INDArray x) {
      INDArray centered = centered(x);
      INDArray variance = meanOfGroup(centered.muli(centered));
      return Transforms.sqrt(variance.addi(layerConf().epsilon), false).rdivi(1);
    }

    private INDArray normalized(INDArray x, INDArray inverseDeviation) {
      return centered(x).muli(inverseDeviation);
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray gamma = tensor(GAMMA, true, workspaces);
      INDArray beta = tensor(BETA, true, workspaces);
      INDArray dGamma = gradientOf(GAMMA);
      INDArray dBeta = gradientOf(BETA);
      if (hasLoop() && FloatRows.usable(x, gamma, beta, dy, dGamma, dBeta)) {
        INDArray dx = inputGradient(workspaces, x.shape());
        GroupNormLoop.backward(
            x,
            gamma,
            beta,
            layerConf().groups,
            layerConf().epsilon,
            !isLinear(),
            dy,
            dx,
            dGamma,
            dBeta);
        return dx;
      }
      INDArray dz = dy;
      if (!isLinear()) {
        INDArray z = scratch(workspaces, x.shape());
        affine(x, true, z, workspaces);
        INDArray copy = workspaces.dup(ArrayType.BP_WORKING_MEM, dy, 'c');
        dz = layerConf().getActivationFn().backprop(z, copy).getFirst();
      }
      INDArray inverseDeviation = inverseDeviation(x);
      INDArray normalized = normalized(x, inverseDeviation);
      INDArray flat = normalized.reshape('c', rows(x).shape());
      dBeta.assign(rows(dz).sum(0));
      dGamma.assign(rows(dz).mul(flat).sum(0));
      INDArray g = grouped(rows(dz).mulRowVector(gamma).reshape(x.shape()));
      INDArray mean = meanOfGroup(g);
      INDArray slope = meanOfGroup(g.mul(normalized));
      INDArray dx = inputGradient(workspaces, x.shape());
      grouped(dx).assign(g.sub(mean).subi(normalized.muli(slope)).muli(inverseDeviation));
      return dx;
    }
  }
}
