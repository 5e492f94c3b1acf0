package org.agr4j.updater;

import org.agr4j.kernel.AdanCoefficients;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.kernel.UpdateKernel;
import org.agr4j.layout.TensorBoundaries;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The Adan(AGR) step; formula and memory stand at {@link AdanAgr}. */
public final class AdanAgrUpdater extends AgrGradientUpdater<AdanAgr> {
  /** Key of the first moment m. */
  public static final String M_STATE = "M";

  /** Key of the mean gradient difference d. */
  public static final String D_STATE = "D";

  /** Key of the second moment n. */
  public static final String N_STATE = "N";

  /** Key of the last gradient. */
  public static final String LAST_GRADIENT_STATE = "LAST_GRADIENT";

  /**
   * An updater without state.
   *
   * @param config the configuration
   */
  public AdanAgrUpdater(AdanAgr config) {
    super(config, M_STATE, D_STATE, N_STATE, LAST_GRADIENT_STATE);
  }

  @Override
  int restartEvery() {
    return getConfig().getRestartEvery();
  }

  @Override
  StepNumbers numbers(double learningRate, double strength) {
    AdanAgr c = getConfig();
    return new StepNumbers(
        learningRate,
        c.getBeta1(),
        c.getBeta2(),
        c.getBeta3(),
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
    AdanAgr c = getConfig();
    AdanCoefficients coefficients =
        new AdanCoefficients(
            learningRate,
            c.getBeta1(),
            c.getBeta2(),
            c.getBeta3(),
            c.getEpsilon(),
            1 - Math.pow(c.getBeta1(), t),
            1 - Math.pow(c.getBeta2(), t),
            1 - Math.pow(c.getBeta3(), t),
            t == 1,
            c.getAgrMode() == AgrMode.ALL_MOMENTS);
    kernel.adan(
        gradient,
        moments[0],
        moments[1],
        moments[2],
        moments[3],
        tensors,
        from,
        to,
        divisors,
        coefficients);
  }
}
