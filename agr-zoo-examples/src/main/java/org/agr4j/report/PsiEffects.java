package org.agr4j.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.agr4j.TensorRole;
import org.agr4j.compare.Arm;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.stats.TensorStats;

/**
 * What Ψ did in the last epoch to each tensor that gets it, or would have done where it was off.
 *
 * @param arm whose
 * @param on whether Ψ was on in that epoch
 * @param tensors largest effect first
 */
record PsiEffects(Arm arm, boolean on, List<TensorStats> tensors) {
  /** Below it Ψ changes a gradient less than FLOAT16 would. */
  private static final double NEXT_TO_NOTHING = 1e-3;

  /**
   * From what was recorded of all tensors.
   *
   * @param arm whose
   * @param choice which of them get Ψ
   * @param all of all epochs, at least one
   */
  static PsiEffects ofLastEpoch(Arm arm, TensorChoice choice, List<TensorStats> all) {
    int last = all.stream().mapToInt(TensorStats::epoch).max().orElseThrow();
    return new PsiEffects(
        arm,
        arm.agrUntil() == null || last <= arm.agrUntil(),
        all.stream()
            .filter(tensor -> tensor.epoch() == last)
            .filter(tensor -> choice == TensorChoice.ALL || isWeight(tensor))
            .sorted(Comparator.comparingDouble(TensorStats::relativeChange).reversed())
            .toList());
  }

  /** Whether it is a weight, of a convolution or a dense layer, say. */
  static boolean isWeight(TensorStats tensor) {
    return tensor.role() == TensorRole.WEIGHT;
  }

  /** Whether any gradient was not zero, so that there is something to draw. */
  boolean isAnything() {
    return tensors.stream().anyMatch(tensor -> tensor.relativeChange() > 0);
  }

  /** What Ψ does to the gradients, as a verb. */
  String verb() {
    return on ? "changed" : "would have changed";
  }

  /** How much of the network it touches at all. */
  String sentence() {
    List<TensorStats> weights = tensors.stream().filter(PsiEffects::isWeight).toList();
    long all = weights.stream().mapToLong(TensorStats::elements).sum();
    List<TensorStats> touched =
        weights.stream().filter(t -> t.relativeChange() >= NEXT_TO_NOTHING).toList();
    return String.format(
        Locale.ROOT,
        "%s: in the last epoch Ψ %s the gradient by at least %s of its norm in %d of %d weight "
            + "tensors, with %.2f%% of the weights%s.",
        arm.title(),
        verb(),
        NEXT_TO_NOTHING,
        touched.size(),
        weights.size(),
        100.0 * touched.stream().mapToLong(TensorStats::elements).sum() / all,
        on ? "" : "; it was off by then");
  }

  /** The table: heading, then a row for each tensor. Numbers are means over sampled steps. */
  List<List<String>> table() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("tensor", "elements", "‖Ψ(g) − g‖ / ‖g‖", "a step's largest α", "‖g‖₁"));
    for (TensorStats t : tensors) {
      rows.add(
          List.of(
              t.tensor(),
              String.format(Locale.ROOT, "%,d", t.elements()),
              String.format(Locale.ROOT, "%.2e", t.relativeChange()),
              String.format(Locale.ROOT, "%.2e", t.maxAlpha()),
              String.format(Locale.ROOT, "%.2e", t.l1Norm())));
    }
    return rows;
  }
}
