package org.agr4j.stats;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.agr4j.TensorRole;
import org.agr4j.internal.Require;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.solvers.BaseOptimizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Measures what Ψ does to the gradient of each tensor of a {@link MultiLayerNetwork} or {@link
 * ComputationGraph}, so that one sees where AGR does anything at all.
 *
 * <pre>{@code
 * AgrStatsListener stats = AgrStatsListener.builder().interval(50).onEpochEnd(this::write).build();
 * network.addListeners(stats);
 * network.fit(iterator, epochs);
 * stats.endedEpoch().forEach(System.out::println);
 * }</pre>
 *
 * <p>The first and then every N-th step of each epoch is sampled; {@link TensorStats} says what is
 * averaged. It is Ψ at full strength, for each tensor by itself, whatever the optimizer: with an
 * optimizer without AGR it tells what AGR would do.
 *
 * <p>The gradient g is that of the loss averaged over the batch: DL4J's {@code
 * onGradientCalculation}, divided by the batch size where DL4J will do so. DL4J applies gradient
 * clipping and regularization (L1, L2, AgrRegularization) after that and before the updater, so the
 * updater sees this g only where there is neither; clipping by a norm changes ‖g‖₁ alone, since the
 * other two values do not depend on the scale of g. Decoupled decay acts after the updater. The
 * running statistics of batch norm, which DL4J passes off as gradients, are left out, and so are
 * tensors without a gradient, as those of frozen layers.
 *
 * <p>Nothing is modified: training goes on bit for bit as without the listener. A sampled step
 * costs one pass over the gradients on one thread, and on a GPU their copy to the host; the others
 * cost nothing. Memory: 320 kB or less for a chunk of a gradient, and three numbers for each
 * tensor. Only the {@code fit} methods that take an iterator end epochs; steps of others count
 * towards the next epoch that ends. Layer-wise pretraining is not measured.
 *
 * <p>One listener is for one network and one training thread. It may be serialized, in the middle
 * of an epoch too, and goes on from there; the consumer is not part of that.
 *
 * <p>Source of Ψ: arXiv 2407.16944, section 3.
 */
public final class AgrStatsListener extends BaseTrainingListener implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Every how many steps of an epoch one is sampled if nothing is said. */
  public static final int DEFAULT_INTERVAL = 10;

  private final int interval;
  private final transient Consumer<List<TensorStats>> onEpochEnd; // null for none
  private transient PsiEffect effect;
  private transient Map<String, TensorRole> roles; // of the network that is trained
  private final LinkedHashMap<String, Sums> sums =
      new LinkedHashMap<>(); // by DL4J's name of the gradient
  private int steps;
  private ArrayList<TensorStats> ended = new ArrayList<>();

  /** Sampled values of one tensor in the epoch so far. */
  private static final class Sums implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String tensor;
    private TensorRole role; // null where it comes from a file of before there were roles
    private final long elements;
    private double relativeChange;
    private double maxAlpha;
    private double l1Norm;
    private int samples;

    Sums(String tensor, long elements) {
      this.tensor = tensor;
      this.elements = elements;
    }

    void add(TensorRole role, PsiEffect effect, double divisor) {
      this.role = role;
      relativeChange += effect.relativeChange();
      maxAlpha += effect.maxAlpha();
      l1Norm += effect.l1Norm() / divisor;
      samples++;
    }

    TensorStats mean(int epoch) {
      return new TensorStats(
          epoch,
          tensor,
          role,
          elements,
          relativeChange / samples,
          maxAlpha / samples,
          l1Norm / samples,
          samples);
    }
  }

  /** A listener that samples every tenth step. */
  public AgrStatsListener() {
    this(builder());
  }

  private AgrStatsListener(Builder builder) {
    interval = builder.interval;
    onEpochEnd = builder.onEpochEnd;
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The last epoch that ended.
   *
   * @return one for each tensor, in the network's order; empty before the end of the first epoch
   */
  public List<TensorStats> endedEpoch() {
    return List.copyOf(ended);
  }

  /** Samples the gradients (called by DL4J). */
  @Override
  public void onGradientCalculation(Model model) {
    boolean isNetwork = model instanceof MultiLayerNetwork || model instanceof ComputationGraph;
    if (isNetwork && steps++ % interval == 0) {
      sample(model);
    }
  }

  private void sample(Model model) {
    if (effect == null) {
      effect = new PsiEffect();
    }
    if (roles == null) {
      roles = TensorRole.of(model);
    }
    double divisor = model.conf().isMiniBatch() ? model.batchSize() : 1;
    Map<String, INDArray> gradients = model.gradient().gradientForVariable();
    roles.forEach( // gradients are in backward order
        (key, role) -> {
          INDArray gradient = gradients.get(key);
          if (gradient != null && role.isTrained()) {
            effect.measure(gradient);
            sums.computeIfAbsent(key, k -> new Sums(name(model, k), gradient.length()))
                .add(role, effect, divisor);
          }
        });
  }

  /** Layer and parameter; DL4J splits its own name, which has a list's index, there too. */
  private static String name(Model model, String key) {
    int split = key.lastIndexOf('_');
    String layer = key.substring(0, split);
    if (model instanceof MultiLayerNetwork network) {
      String own = network.getLayer(Integer.parseInt(layer)).getConfig().getLayerName();
      layer = own == null ? layer : own;
    }
    return layer + '/' + key.substring(split + 1);
  }

  /** Averages the epoch's samples and hands them on (called by DL4J). */
  @Override
  public void onEpochEnd(Model model) {
    int epoch = BaseOptimizer.getEpochCount(model) + 1; // DL4J counts an epoch after this call
    ended = new ArrayList<>();
    sums.values().forEach(s -> ended.add(s.mean(epoch)));
    sums.clear();
    steps = 0;
    if (onEpochEnd != null) {
      onEpochEnd.accept(endedEpoch());
    }
  }

  @Override
  public String toString() {
    return "AgrStatsListener(" + interval + ")";
  }

  /** Builds an {@link AgrStatsListener}. */
  public static final class Builder {
    private int interval = DEFAULT_INTERVAL;
    private Consumer<List<TensorStats>> onEpochEnd;

    private Builder() {}

    /**
     * Sets N: the first and then every N-th step of an epoch is sampled.
     *
     * @param interval at least 1
     * @throws IllegalArgumentException if it is less
     */
    public Builder interval(int interval) {
      this.interval = Require.positive("interval", interval);
      return this;
    }

    /** Sets what is called at the end of each epoch, on the training thread; null for nothing. */
    public Builder onEpochEnd(Consumer<List<TensorStats>> onEpochEnd) {
      this.onEpochEnd = onEpochEnd;
      return this;
    }

    /** Builds the listener. */
    public AgrStatsListener build() {
      return new AgrStatsListener(this);
    }
  }
}
