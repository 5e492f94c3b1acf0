package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.SubOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Batch normalization of channels-last arrays with PyTorch's running statistics, and an activation
 * function over the result if one is set.
 *
 * <pre>
 * μ, σ² = mean and biased variance of a channel over the n positions of all samples
 * z = γ (x − μ) / √(σ² + ε) + β    y = f(z)
 * running mean ← d · running mean + (1 − d) μ
 * running variance ← d · running variance + (1 − d) σ² n / (n − 1)
 * </pre>
 *
 * <p>In evaluation the running statistics take the place of μ and σ². DL4J's own layer keeps the
 * biased variance, as log₁₀ of its root by default. The running statistics change, as DL4J's do,
 * when the network's update is subtracted: the layer's "gradient" of a statistic is what it loses.
 *
 * <p>x and y: [N, …, C]. Tensors: gamma [C] (1 at first) and beta [C] (0), both norms; mean [C] (0)
 * and var [C] (1), statistics. Kept for the backward pass: μ and σ².
 *
 * <p>Source: Ioffe and Szegedy, arXiv 1502.03167, algorithms 1 and 2.
 */
public final class BatchNorm extends ChannelsLastLayer {
  /** Added to the variance unless another number is set. */
  public static final double DEFAULT_EPSILON = 1e-5;

  /** Share d of the running statistics that stays each step unless another is set. */
  public static final double DEFAULT_DECAY = 0.9;

  static final String GAMMA = "gamma";
  static final String BETA = "beta";
  static final String MEAN = "mean";
  static final String VARIANCE = "var";
  private static final long serialVersionUID = 1L;

  @JsonProperty private double epsilon;
  @JsonProperty private double decay;
  @JsonProperty private double initialScale;

  /** A batch norm with the default settings. */
  public BatchNorm() {
    this(new Builder());
  }

  private BatchNorm(Builder builder) {
    super(builder);
    epsilon = builder.epsilon;
    decay = builder.decay;
    initialScale = builder.initialScale;
    initializeConstraints(builder);
  }

  /** The share of the running statistics that stays each step. */
  public double getDecay() {
    return decay;
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of(
        LayerTensor.vector(GAMMA, Role.NORM, nIn, initialScale),
        LayerTensor.vector(BETA, Role.NORM, nIn, 0),
        LayerTensor.vector(MEAN, Role.STATISTIC, nIn, 0),
        LayerTensor.vector(VARIANCE, Role.STATISTIC, nIn, 1));
  }

  @Override
  List<Object> settings() {
    return List.of(epsilon, decay, initialScale);
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link BatchNorm}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private double epsilon = DEFAULT_EPSILON;
    private double decay = DEFAULT_DECAY;
    private double initialScale = 1;

    /** Sets what is added to the variance, positive; 1e-5 by default. */
    public Builder epsilon(double epsilon) {
      this.epsilon = Check.positive("epsilon", epsilon);
      return this;
    }

    /** Sets the share of the running statistics that stays each step; 0.9 by default. */
    public Builder decay(double decay) {
      this.decay = Check.probability("decay", decay);
      return this;
    }

    /** Sets γ at first: 1 by default; 0 lets a residual branch begin with nothing. */
    public Builder initialScale(double initialScale) {
      this.initialScale = initialScale;
      return this;
    }

    @Override
    public BatchNorm build() {
      return new BatchNorm(this);
    }
  }

  private static final class Computation extends LayerComputation<BatchNorm> {
    private static final long serialVersionUID = 1L;

    private transient INDArray mean;
    private transient INDArray variance;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    public Type type() {
      return Type.NORMALIZATION;
    }

    /** Statistics are changed by what they lose, whatever the number of examples. */
    @Override
    public boolean updaterDivideByMinibatch(String key) {
      return !key.equals(MEAN) && !key.equals(VARIANCE);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      mean = null;
      variance = null;
      INDArray usedMean = getParam(MEAN);
      INDArray usedVariance = getParam(VARIANCE);
      if (training) {
        mean = usedMean = activations(workspaces, x.size(x.rank() - 1));
        variance = usedVariance = activations(workspaces, x.size(x.rank() - 1));
        ColumnNorm.statistics(rows(x), mean, variance);
      }
      INDArray y = activations(workspaces, x.shape());
      ColumnNorm.forward(
          rows(x),
          usedMean,
          usedVariance,
          tensor(GAMMA, training, workspaces),
          tensor(BETA, training, workspaces),
          layerConf().epsilon,
          activation(),
          training,
          rows(y));
      return y;
    }

    private BiasedActivation activation() {
      return new BiasedActivation(layerConf().getActivationFn());
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      boolean evaluated = mean == null; // forward ran without training: frozen statistics
      INDArray usedMean = evaluated ? getParam(MEAN) : mean;
      INDArray usedVariance = evaluated ? getParam(VARIANCE) : variance;
      INDArray dx = inputGradient(workspaces, x.shape());
      ColumnNorm.backward(
          rows(x),
          usedMean,
          usedVariance,
          tensor(GAMMA, true, workspaces),
          tensor(BETA, true, workspaces),
          layerConf().epsilon,
          activation(),
          rows(dy),
          !evaluated,
          rows(dx),
          gradientOf(GAMMA),
          gradientOf(BETA));
      loss(MEAN, usedMean, 1);
      long n = rows(x).size(0);
      loss(VARIANCE, usedVariance, evaluated || n == 1 ? 1 : n / (n - 1.0));
      mean = null;
      variance = null;
      return dx;
    }

    /** What a statistic loses this step: (1 − d) (running − factor · batch). */
    private void loss(String key, INDArray batch, double factor) {
      INDArray loss = gradientOf(key);
      Nd4j.getExecutioner().exec(new SubOp(getParam(key), batch.mul(factor), loss));
      loss.muli(1 - layerConf().decay);
    }

    @Override
    public void clear() {
      super.clear();
      mean = null;
      variance = null;
    }
  }
}
