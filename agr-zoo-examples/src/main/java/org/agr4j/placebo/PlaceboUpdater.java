package org.agr4j.placebo;

import java.util.Map;
import java.util.SplittableRandom;
import org.agr4j.updater.AdamWAgrUpdater;
import org.agr4j.updater.AgrGradientUpdater;
import org.agr4j.updater.AgrMode;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/** The step of a block under a {@link Placebo}: the misplaced change, then the plain optimizer. */
final class PlaceboUpdater implements GradientUpdater<Placebo> {
  private final Placebo config;
  private final AgrGradientUpdater<?> plain;
  private final MisplacedShrinkage shrinkage = new MisplacedShrinkage();

  PlaceboUpdater(Placebo config, AgrGradientUpdater<?> plain) {
    this.config = config;
    this.plain = plain;
  }

  @Override
  public void applyUpdater(INDArray gradient, int iteration, int epoch) {
    double strength = config.optimizer().getAgrStrength(iteration, epoch);
    // A NaN is the optimizer's to find, with the state as it was.
    if (strength > 0 && Double.isFinite(gradient.norm1Number().doubleValue())) {
      disturb(gradient, strength, iteration);
    }
    plain.applyUpdater(gradient, iteration, epoch);
  }

  private void disturb(INDArray gradient, double strength, int iteration) {
    boolean first = config.optimizer().getAgrMode() == AgrMode.FIRST_MOMENT;
    double beta1 = config.optimizer().getBeta1();
    INDArray flat = gradient.rank() == 1 ? gradient : gradient.reshape('c', gradient.length());
    INDArray target = first ? getState().get(AdamWAgrUpdater.M_STATE) : flat;
    SplittableRandom seeds = new SplittableRandom(config.seed() + iteration);
    long start = 0;
    for (long length : plain.getTensorLengths()) {
      double[] change = new double[Math.toIntExact(length)];
      double[] g = flat.get(NDArrayIndex.interval(start, start + length)).toDoubleVector();
      if (shrinkage.of(g, strength, seeds.nextLong(), change)) {
        INDArray delta = Nd4j.createFromArray(change).castTo(target.dataType());
        target
            .get(NDArrayIndex.interval(start, start + length))
            .addi(first ? delta.muli((1 - beta1) / beta1) : delta);
      }
      start += length;
    }
    if (!first && flat.data() != gradient.data()) {
      gradient.assign(flat.reshape('c', gradient.shape())); // the reshape was a copy
    }
  }

  @Override
  public Placebo getConfig() {
    return config;
  }

  @Override
  public void setStateViewArray(
      INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
    plain.setStateViewArray(viewArray, gradientShape, gradientOrder, initialize);
  }

  @Override
  public void setState(Map<String, INDArray> stateMap, boolean initialize) {
    plain.setState(stateMap, initialize);
  }

  @Override
  public Map<String, INDArray> getState() {
    return plain.getState();
  }
}
