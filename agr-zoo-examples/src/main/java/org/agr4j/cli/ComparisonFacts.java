package org.agr4j.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.agr4j.compare.Arm;
import org.agr4j.train.LearningRateSettings;
import org.agr4j.train.ScheduleChoice;
import org.agr4j.train.TrainSettings;

/** What a comparison trained on what and how, as lines of its report. */
final class ComparisonFacts {
  private ComparisonFacts() {}

  /**
   * The lines.
   *
   * @param arms each arm's settings with any seed, at least one
   * @param seeds of all arms
   * @param machines what the runs were begun on
   */
  static List<String> of(Map<Arm, TrainSettings> arms, List<Long> seeds, List<String> machines) {
    TrainSettings any = arms.values().iterator().next();
    List<String> facts = new ArrayList<>();
    facts.add(
        "%,d training images, %,d test images, %d epochs, batches of %d, augmentation: %s"
            .formatted(
                any.limitTrain(), any.limitTest(), any.epochs(), any.batchSize(), any.augment()));
    facts.add("learning rate " + rates(arms) + schedule(any.learningRate()));
    facts.add(
        "weight decay %s; AGR on: %s; label smoothing %s; gradient clipping %s"
            .formatted(
                any.optimizer().weightDecay(),
                any.optimizer().tensors(),
                any.labelSmoothing() == 0 ? "none" : any.labelSmoothing(),
                any.gradientClipping() == 0 ? "none" : "at norm " + any.gradientClipping()));
    facts.add("seeds " + seeds.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    facts.addAll(machines);
    return facts;
  }

  /** One rate, or each with those it is of. */
  private static String rates(Map<Arm, TrainSettings> arms) {
    Map<Double, List<String>> byRate = new LinkedHashMap<>();
    arms.forEach(
        (arm, settings) ->
            byRate
                .computeIfAbsent(settings.learningRate().initial(), rate -> new ArrayList<>())
                .add(arm.title()));
    return byRate.size() == 1
        ? byRate.keySet().iterator().next().toString()
        : byRate.entrySet().stream()
            .map(rate -> rate.getKey() + " (" + String.join(", ", rate.getValue()) + ")")
            .collect(Collectors.joining(", "));
  }

  private static String schedule(LearningRateSettings rate) {
    String how = ", " + rate.schedule();
    if (rate.schedule() == ScheduleChoice.MULTI_STEP) {
      how += ": times " + rate.gamma() + " after epochs " + rate.milestones();
    }
    if (rate.schedule() == ScheduleChoice.COSINE && rate.minimum() > 0) {
      how += " to " + rate.minimum();
    }
    return rate.warmupEpochs() == 0
        ? how
        : how + ", linear warm-up over " + rate.warmupEpochs() + " epochs";
  }
}
