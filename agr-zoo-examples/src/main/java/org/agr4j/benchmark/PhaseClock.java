package org.agr4j.benchmark;

import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** When the forward and the backward pass of a step ended. */
final class PhaseClock extends BaseTrainingListener {
  private long forwardEnd;
  private long backwardEnd;

  @Override
  public void onForwardPass(Model model, Map<String, INDArray> activations) {
    forwardEnd = System.nanoTime();
  }

  @Override
  public void onBackwardPass(Model model) {
    backwardEnd = System.nanoTime();
  }

  /** In {@link System#nanoTime}. */
  long forwardEnd() {
    return forwardEnd;
  }

  /** In {@link System#nanoTime}. */
  long backwardEnd() {
    return backwardEnd;
  }
}
