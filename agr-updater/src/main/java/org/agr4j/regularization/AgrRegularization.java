package org.agr4j.regularization;

import java.util.Locale;
import java.util.Objects;
import org.agr4j.internal.NumberLimits;
import org.agr4j.internal.Require;
import org.agr4j.internal.kernel.Psi;
import org.agr4j.internal.kernel.ops.Nd4jOpsKernel;
import org.agr4j.internal.layout.TensorBoundaries;
import org.agr4j.internal.parallel.SharedGradientsRound;
import org.agr4j.updater.NonFiniteGradientException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Ψ in front of any DL4J updater: g ← g − s·g·|g|/‖g‖₁, for each tensor by itself.
 *
 * <pre>{@code
 * new NeuralNetConfiguration.Builder()
 *     .updater(new Nesterovs(0.1, 0.9))
 *     .regularization(List.of(new AgrRegularization()))
 * }</pre>
 *
 * <p>The updater sees Ψ(g) only, as in {@link org.agr4j.updater.AgrMode#ALL_MOMENTS}. DL4J applies
 * regularizations in the order of their list: put L1 and L2 before this one for Ψ to see their
 * gradients, as PyTorch's coupled weight decay would, or after it for them to stay as they are. It
 * is the identity on an all-zero gradient and on a one-element tensor, and adds nothing to the
 * score.
 *
 * <p>FLOAT16 and BFLOAT16 gradients are computed in FLOAT and rounded once: in their own type ‖g‖₁
 * of 100,000 elements of 1.1 would be 8192 and 1024, for a running sum stops there.
 *
 * <p>Memory: two arrays of the tensor's size, one if it has one dimension, for the time of the
 * call; one more of FLOAT for a smaller type.
 *
 * <p>An {@link L2Regularization} by type only; {@link WeightDecayAfterUpdate} says why, and why all
 * of a layer's regularizations belong in one list.
 *
 * <p>Source: arXiv 2407.16944, section 3.
 */
public final class AgrRegularization extends L2Regularization {
  private static final long serialVersionUID = 1L;

  @JsonProperty private final ISchedule strength;

  /** Creates a regularization that applies Ψ at full strength. */
  public AgrRegularization() {
    this(new FixedSchedule(1));
  }

  /**
   * Creates a regularization that applies Ψ at a strength that follows a schedule.
   *
   * @param strength s(iteration, epoch) in [0, 1]
   */
  @JsonCreator
  public AgrRegularization(@JsonProperty("strength") ISchedule strength) {
    super(new FixedSchedule(0));
    this.strength = Objects.requireNonNull(strength, "the schedule of strength is null");
    Require.inUnitInterval("strength", strength.valueAt(0, 0));
  }

  @Override
  public ApplyStep applyStep() {
    return ApplyStep.BEFORE_UPDATER;
  }

  /**
   * Replaces a tensor's gradient by Ψ(g).
   *
   * @param param not used
   * @param gradView g, modified
   * @param lr not used
   * @param iteration DL4J's iteration
   * @param epoch DL4J's epoch
   * @throws NonFiniteGradientException if g holds a NaN or an infinity; g is as it was
   */
  @Override
  public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
    try {
      apply(gradView, iteration, epoch);
    } catch (RuntimeException e) {
      SharedGradientsRound.fail(e);
      throw e;
    }
  }

  private void apply(INDArray gradView, int iteration, int epoch) {
    double s = Require.inUnitInterval("strength", strength.valueAt(iteration, epoch));
    INDArray wide = NumberLimits.widened("gradient", gradView);
    boolean inPlace = wide == gradView && gradView.rank() == 1;
    INDArray g = inPlace ? gradView : wide.dup('c').reshape(gradView.length());
    TensorBoundaries tensor = TensorBoundaries.ofLengths(g.length());
    double[] sum = new double[1];
    Nd4jOpsKernel.INSTANCE.absoluteSums(g, tensor, sum);
    if (!Double.isFinite(sum[0])) {
      throw new NonFiniteGradientException(
          String.format(
              Locale.ROOT,
              "gradient of a tensor of length %d holds %s at iteration %d, epoch %d",
              g.length(),
              Double.isNaN(sum[0]) ? "a NaN" : "an infinity",
              iteration,
              epoch));
    }
    double divisor = Psi.divisor(sum[0], s, g.length());
    if (divisor == Psi.IDENTITY) {
      return;
    }
    INDArray scratch = Nd4j.createUninitialized(g.dataType(), g.length());
    Psi.apply(g, scratch, tensor, 0, 1, new double[] {divisor});
    if (!inPlace) {
      gradView.assign(g.reshape('c', gradView.shape()));
    }
  }

  @Override
  public double score(INDArray param, int iteration, int epoch) {
    return 0;
  }

  @Override
  public AgrRegularization clone() {
    return new AgrRegularization(strength.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AgrRegularization a && strength.equals(a.strength);
  }

  @Override
  public int hashCode() {
    return Objects.hash(AgrRegularization.class, strength);
  }

  @Override
  public String toString() {
    return "AgrRegularization(" + strength + ")";
  }
}
