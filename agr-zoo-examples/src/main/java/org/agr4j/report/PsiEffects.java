package org.agr4j.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.agr4j.compare.Arm;
import org.agr4j.stats.TensorStats;

/**
 * What Ψ did to each tensor in the last epoch.
 *
 * @param arm whose
 * @param tensors largest effect first
 */
record PsiEffects(Arm arm, List<TensorStats> tensors) {
  /** Below it Ψ changes a gradient less than FLOAT16 would. */
  private static final double NEXT_TO_NOTHING = 1e-3;

  static PsiEffects ofLastEpoch(Arm arm, List<TensorStats> all) {
    int last = all.stream().mapToInt(TensorStats::epoch).max().orElseThrow();
    return new PsiEffects(
        arm,
        all.stream()
            .filter(tensor -> tensor.epoch() == last)
            .sorted(Comparator.comparingDouble(TensorStats::relativeChange).reversed())
            .toList());
  }

  /** How much of the network it touches at all. */
  String sentence() {
    List<TensorStats> weights = tensors.stream().filter(t -> t.tensor().endsWith("/W")).toList();
    long all = weights.stream().mapToLong(TensorStats::elements).sum();
    List<TensorStats> touched =
        weights.stream().filter(t -> t.relativeChange() >= NEXT_TO_NOTHING).toList();
    return String.format(
        Locale.ROOT,
        "%s: in the last epoch Ψ changed the gradient by at least %s of its norm in %d of %d weight "
            + "tensors, with %.2f%% of the weights.",
        arm.title(),
        NEXT_TO_NOTHING,
        touched.size(),
        weights.size(),
        100.0 * touched.stream().mapToLong(TensorStats::elements).sum() / all);
  }

  /** The table: heading, then a row for each tensor. */
  List<List<String>> table() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("tensor", "elements", "‖Ψ(g) − g‖ / ‖g‖", "largest α", "‖g‖₁"));
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
