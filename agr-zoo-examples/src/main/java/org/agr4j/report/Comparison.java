package org.agr4j.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.agr4j.compare.Arm;
import org.agr4j.data.BadInputException;
import org.agr4j.stats.TensorStats;
import org.agr4j.train.EpochMetrics;
import org.agr4j.train.TensorChoice;

/**
 * Finished runs of several arms and what each arm is held against.
 *
 * @param title one line
 * @param facts lines: what was trained on what, with which versions, on which machine
 * @param command the command that repeats it
 * @param tensors what gets Ψ
 * @param runs metrics of finished runs by arm and seed; every arm has at least one
 * @param diverged why other runs have no result, by arm and seed; also of arms that are not among
 *     {@code runs}
 * @param statistics what Ψ does to each tensor in each epoch, of arms that recorded it
 */
public record Comparison(
    String title,
    List<String> facts,
    String command,
    TensorChoice tensors,
    Map<Arm, SortedMap<Long, List<EpochMetrics>>> runs,
    Map<Arm, SortedMap<Long, String>> diverged,
    Map<Arm, List<TensorStats>> statistics) {

  /**
   * Checks that there is something to show.
   *
   * @throws BadInputException if there is no finished run, or an arm has none
   */
  public Comparison {
    facts = List.copyOf(facts);
    if (runs.isEmpty()) {
      throw new BadInputException(
          "every run diverged, expected at least one to end; lower --learning-rate");
    }
    runs.forEach(
        (arm, bySeed) -> {
          if (bySeed.isEmpty()) {
            throw new BadInputException(
                arm.name() + " has no finished run yet, expected at least one for a report");
          }
        });
  }

  /** Number of epochs. */
  public int epochs() {
    return runs.values().stream()
        .flatMap(bySeed -> bySeed.values().stream())
        .mapToInt(List::size)
        .min()
        .orElseThrow();
  }

  /** Metrics of all seeds of an arm after an epoch; 1 is the first. */
  public List<EpochMetrics> after(Arm arm, int epoch) {
    return runs.get(arm).values().stream().map(epochs -> epochs.get(epoch - 1)).toList();
  }

  /** Lines that name the runs without a result. */
  public List<String> divergences() {
    List<String> lines = new ArrayList<>();
    diverged.forEach(
        (arm, bySeed) ->
            bySeed.forEach(
                (seed, reason) ->
                    lines.add(
                        String.format(
                            Locale.ROOT,
                            "%s, seed %d diverged and is in no number here: %s",
                            arm.title(),
                            seed,
                            reason))));
    return lines;
  }

  /**
   * Arms and what they are held against: the same optimizer without AGR if it is there, otherwise
   * the first arm if that is the same optimizer. An arm with neither is left out.
   */
  public List<PairedDifference> differences() {
    List<PairedDifference> differences = new ArrayList<>();
    List<Arm> arms = List.copyOf(runs.keySet());
    for (Arm arm : arms) {
      Arm baseline =
          arms.stream()
              .filter(other -> other.equals(new Arm(arm.optimizer().plain(), null, null)))
              .findFirst()
              .orElse(arms.get(0));
      // Two optimizers are not held against one another: their learning rates are not tuned.
      if (!baseline.equals(arm) && baseline.optimizer().plain() == arm.optimizer().plain()) {
        Map<Long, Double> points = new LinkedHashMap<>();
        runs.get(arm)
            .forEach(
                (seed, epochs) -> {
                  List<EpochMetrics> other = runs.get(baseline).get(seed);
                  if (other != null) {
                    points.put(
                        seed,
                        100 * (epochs.get(epochs() - 1).top1() - other.get(epochs() - 1).top1()));
                  }
                });
        if (!points.isEmpty()) {
          differences.add(new PairedDifference(arm, baseline, points));
        }
      }
    }
    return differences;
  }
}
