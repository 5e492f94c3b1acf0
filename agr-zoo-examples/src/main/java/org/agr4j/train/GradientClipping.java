package org.agr4j.train;

import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scales the gradient of the whole network so that its 2-norm is at most a bound, before
 * regularization, Ψ and moments:
 *
 * <pre>  g ← g · min(1, bound / ‖g‖₂)       ‖g‖₂ over all trained tensors</pre>
 *
 * <p>DL4J's own clipping goes layer by layer. At the time a listener is asked, gradients are still
 * sums over the minibatch, so the bound is multiplied by its size; and running statistics of batch
 * norm are among them under names of their own, which are left out.
 */
public final class GradientClipping extends BaseTrainingListener {
  private final double bound;

  /** With a bound &gt; 0. */
  public GradientClipping(double bound) {
    this.bound = bound;
  }

  @Override
  public void onGradientCalculation(Model model) {
    Map<String, INDArray> gradients = model.gradient().gradientForVariable();
    double squares = 0;
    for (Map.Entry<String, INDArray> tensor : gradients.entrySet()) {
      if (isTrained(tensor.getKey())) {
        double norm = tensor.getValue().norm2Number().doubleValue();
        squares += norm * norm;
      }
    }
    double scale = bound * model.batchSize() / Math.sqrt(squares);
    if (scale < 1) {
      for (Map.Entry<String, INDArray> tensor : gradients.entrySet()) {
        if (isTrained(tensor.getKey())) {
          tensor.getValue().muli(scale);
        }
      }
    }
  }

  private static boolean isTrained(String name) {
    return !name.endsWith("_mean") && !name.endsWith("_var") && !name.endsWith("_log10stdev");
  }
}
