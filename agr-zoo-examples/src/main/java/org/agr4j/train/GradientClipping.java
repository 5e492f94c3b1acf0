package org.agr4j.train;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agr4j.TensorRole;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scales the gradient of the whole network so that its 2-norm is at most a bound, before
 * regularization, Ψ and moments:
 *
 * <pre>  g ← g · min(1, bound / (‖g‖₂ + 10⁻⁶))       ‖g‖₂ over all trained tensors</pre>
 *
 * <p>This is PyTorch's {@code clip_grad_norm_}, its 10⁻⁶ included.
 *
 * <p>DL4J's own clipping goes layer by layer. At the time a listener is asked, gradients are still
 * sums over the minibatch, so bound and 10⁻⁶ are multiplied by its size; and running statistics of
 * batch norm are among them, which are left out ({@link TensorRole}).
 */
public final class GradientClipping extends BaseTrainingListener {
  private static final double BESIDE_NORM = 1e-6;

  private final double bound;
  private transient Model network;
  private transient Set<String> trained;

  /** With a bound &gt; 0. */
  public GradientClipping(double bound) {
    this.bound = bound;
  }

  @Override
  public void onGradientCalculation(Model model) {
    List<INDArray> gradients = gradients(model);
    double squares = 0;
    for (INDArray gradient : gradients) {
      double norm = gradient.norm2Number().doubleValue();
      squares += norm * norm;
    }
    double scale = factor(Math.sqrt(squares) / model.batchSize());
    if (scale < 1) {
      gradients.forEach(gradient -> gradient.muli(scale));
    }
  }

  /** What a gradient of that norm is multiplied by, if it is below 1. */
  double factor(double norm) {
    return bound / (norm + BESIDE_NORM);
  }

  private List<INDArray> gradients(Model model) {
    if (network != model) {
      network = model;
      trained = new HashSet<>();
      TensorRole.of(model)
          .forEach(
              (name, role) -> {
                if (role.isTrained()) {
                  trained.add(name);
                }
              });
    }
    return model.gradient().gradientForVariable().entrySet().stream()
        .filter(tensor -> trained.contains(tensor.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }
}
