package org.agr4j.acprop;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agr4j.internal.NumberLimits;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/** The ACProp step; formula and memory stand at {@link ACProp}. */
public final class ACPropUpdater implements GradientUpdater<ACProp> {
  /** Key of the mean gradient m. */
  public static final String M_STATE = "M";

  /** Key of the centered second moment s. */
  public static final String S_STATE = "S";

  private final ACProp config;
  private INDArray m;
  private INDArray s;
  private boolean stateFits; // to the iteration, which needs to be seen once only

  /**
   * An updater without state.
   *
   * @param config the configuration
   */
  public ACPropUpdater(ACProp config) {
    this.config = config;
  }

  @Override
  public ACProp getConfig() {
    return config;
  }

  /**
   * Replaces a block's gradient by its update, and the block's state by the next.
   *
   * @param gradient gradient of the block, of any shape; modified
   * @param iteration DL4J's iteration, t − 1
   * @param epoch DL4J's epoch, seen by the learning rate's schedule only
   * @throws IllegalStateException if there is no state, or it is that of t = 1 at another iteration
   */
  @Override
  public void applyUpdater(INDArray gradient, int iteration, int epoch) {
    requireStateFor(gradient, iteration);
    boolean flatAlready = gradient.rank() == 1;
    INDArray g = flatAlready ? gradient : gradient.dup('c').reshape(gradient.length());
    step(g, config.getLearningRate(iteration, epoch), iteration);
    if (!flatAlready) {
      gradient.assign(g.reshape('c', gradient.shape()));
    }
  }

  private void step(INDArray g, double learningRate, int iteration) {
    double epsilon = config.getEpsilon();
    m.muli(config.getBeta1());
    Nd4j.exec(new Axpy(g, m, m, 1 - config.getBeta1()));
    INDArray spread = g.sub(m);
    Nd4j.exec(new MulOp(spread, spread, spread));

    g.muli(learningRate);
    if (iteration > 0) {
      INDArray denominator = Nd4j.createUninitialized(s.dataType(), s.length());
      Nd4j.exec(new Sqrt(s, denominator));
      denominator.divi(Math.sqrt(1 - Math.pow(config.getBeta2(), iteration))).addi(epsilon);
      g.divi(denominator);
    }
    s.muli(config.getBeta2());
    Nd4j.exec(new Axpy(spread, s, s, 1 - config.getBeta2()));
    s.addi(epsilon);
  }

  private void requireStateFor(INDArray gradient, int iteration) {
    if (s == null) {
      throw new IllegalStateException(
          "the updater has no state: set a view array or a state first");
    }
    if (gradient.length() != s.length()) {
      throw new IllegalArgumentException(
          "gradient has " + gradient.length() + " elements, expected " + s.length());
    }
    // After a step no element of s is 0. An s of 0 would divide by ε and throw the weights away.
    if (!stateFits && iteration > 0 && s.maxNumber().doubleValue() == 0) {
      throw new IllegalStateException(
          "ACProp's state is that of no step at iteration "
              + iteration
              + ", expected iteration 0: restore the updater's state with the network, or set its"
              + " iteration count to 0");
    }
    stateFits = true;
  }

  /**
   * Uses a state view, as DL4J sets it for a block and SameDiff for a tensor.
   *
   * @param viewArray state, used in place, of FLOAT or DOUBLE: m, then s
   * @param gradientShape shape of the gradient
   * @param gradientOrder ignored: the state is in 'c' order whatever the gradient's
   * @param initialize whether to set the state to zero
   */
  @Override
  public void setStateViewArray(
      INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
    long n = Arrays.stream(gradientShape).reduce(1, Math::multiplyExact);
    if (viewArray.length() != config.stateSize(n)) {
      throw new IllegalArgumentException(
          "state view of a gradient of shape "
              + Arrays.toString(gradientShape)
              + " has "
              + viewArray.length()
              + " elements, expected "
              + config.stateSize(n));
    }
    INDArray flat = flat(viewArray);
    use(
        flat.get(NDArrayIndex.interval(0, n)),
        flat.get(NDArrayIndex.interval(n, 2 * n)),
        initialize);
  }

  /**
   * Uses named state arrays for one tensor, as SameDiff restores them.
   *
   * @param stateMap {@link #M_STATE} and {@link #S_STATE}, used in place
   * @param initialize whether to set them to zero
   * @throws IllegalStateException if an array is missing or there is one too many
   */
  @Override
  public void setState(Map<String, INDArray> stateMap, boolean initialize) {
    if (!stateMap.keySet().equals(Set.of(M_STATE, S_STATE))) {
      throw new IllegalStateException(
          "state has the arrays " + stateMap.keySet() + ", expected M and S");
    }
    use(flat(stateMap.get(M_STATE)), flat(stateMap.get(S_STATE)), initialize);
  }

  private void use(INDArray m, INDArray s, boolean initialize) {
    for (INDArray array : List.of(m, s)) {
      NumberLimits limits = NumberLimits.of(array.dataType());
      limits.requireHoldsStateOf("ACProp");
      limits.requireBeta("beta1", config.getBeta1());
      limits.requireBeta("beta2", config.getBeta2());
      limits.requireEpsilon(config.getEpsilon(), limits.smallestNormal()); // s is never less
    }
    if (initialize) {
      m.assign(0);
      s.assign(0);
    }
    this.m = m;
    this.s = s;
    stateFits = false;
  }

  private static INDArray flat(INDArray a) {
    return a.rank() == 1 ? a : a.reshape(a.length());
  }

  /** The state, as views of m and s. */
  @Override
  public Map<String, INDArray> getState() {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    arrays.put(M_STATE, m);
    arrays.put(S_STATE, s);
    return arrays;
  }
}
