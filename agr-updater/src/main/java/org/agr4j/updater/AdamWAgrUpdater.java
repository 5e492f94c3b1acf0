package org.agr4j.updater;

import org.agr4j.kernel.AdamWCoefficients;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The AdamW(AGR) step; formula and memory stand at {@link AdamWAgr}. */
public final class AdamWAgrUpdater extends AgrGradientUpdater<AdamWAgr> {
  /** Key of the first moment m. */
  public static final String M_STATE = "M";

  /** Key of the second moment v. */
  public static final String V_STATE = "V";

  /**
   * An updater without state.
   *
   * @param config the configuration
   */
  public AdamWAgrUpdater(AdamWAgr config) {
    super(config, M_STATE, V_STATE);
  }

  @Override
  StepNumbers numbers(double learningRate, double strength) {
    AdamWAgr c = getConfig();
    return new StepNumbers(
        learningRate,
        c.getBeta1(),
        c.getBeta2(),
        0,
        c.getEpsilon(),
        strength,
        c.getAgrMode() == AgrMode.ALL_MOMENTS,
        restartEvery(),
        c.getNonFinite() == NonFinite.FAIL,
        c.getNonFinite() == NonFinite.SKIP);
  }

  @Override
  void update(
      UpdateKernel kernel,
      INDArray gradient,
      INDArray[] moments,
      TensorBoundaries tensors,
      int from,
      int to,
      double[] divisors,
      double learningRate,
      double t) {
    AdamWAgr c = getConfig();
    AdamWCoefficients coefficients =
        new AdamWCoefficients(
            learningRate,
            c.getBeta1(),
            c.getBeta2(),
            c.getEpsilon(),
            1 - Math.pow(c.getBeta1(), t),
            1 - Math.pow(c.getBeta2(), t),
            c.getAgrMode() == AgrMode.ALL_MOMENTS);
    kernel.adamW(gradient, moments[0], moments[1], tensors, from, to, divisors, coefficients);
  }
}
