package org.agr4j.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agr4j.compare.Arm;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.run.EpochRecord;
import org.agr4j.stats.TensorStats;
import org.agr4j.train.Measure;

/**
 * Finished runs of several arms and what each arm is held against.
 *
 * @param title one line
 * @param facts lines: what was trained on what, with which versions, on which machine
 * @param command the command that repeats it
 * @param tensors what gets Ψ
 * @param measures what is known after each epoch; the first is compared
 * @param runs metrics of finished runs by arm and seed; every arm has at least one
 * @param diverged why other runs have no result, by arm and seed; also of arms that are not among
 *     {@code runs}
 * @param statistics what Ψ does to each tensor in each epoch, of arms that recorded it
 * @param judgement how differences are judged
 */
public record Comparison(
    String title,
    List<String> facts,
    String command,
    TensorChoice tensors,
    List<Measure> measures,
    Map<Arm, SortedMap<Long, List<EpochRecord>>> runs,
    Map<Arm, SortedMap<Long, String>> diverged,
    Map<Arm, List<TensorStats>> statistics,
    Judgement judgement) {

  /** A comparison that is looked at for the first time. */
  public Comparison(
      String title,
      List<String> facts,
      String command,
      TensorChoice tensors,
      List<Measure> measures,
      Map<Arm, SortedMap<Long, List<EpochRecord>>> runs,
      Map<Arm, SortedMap<Long, String>> diverged,
      Map<Arm, List<TensorStats>> statistics) {
    this(title, facts, command, tensors, measures, runs, diverged, statistics, Judgement.PLAIN);
  }

  /**
   * Checks that there is something to show.
   *
   * @throws BadInputException if there is no finished run, or an arm has none
   */
  public Comparison {
    facts = List.copyOf(facts);
    measures = List.copyOf(measures);
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

  /** Epochs after which all runs have a measure; as a rule that is each. */
  public List<Integer> epochs(Measure measure) {
    return IntStream.rangeClosed(1, epochs())
        .filter(
            epoch ->
                runs.keySet().stream()
                    .flatMap(arm -> after(arm, epoch).stream())
                    .allMatch(record -> record.has(measure.key())))
        .boxed()
        .toList();
  }

  /** Metrics of all seeds of an arm after an epoch; 1 is the first. */
  public List<EpochRecord> after(Arm arm, int epoch) {
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

  /** The measure by which the arms are compared. */
  public Measure measure() {
    return measures.get(0);
  }

  /** All measures by which the arms are compared, {@link #measure()} first. */
  public List<Measure> compared() {
    return Stream.concat(
            Stream.of(measure()), measures.stream().skip(1).filter(Measure::isCompared))
        .filter(measure -> !epochs(measure).isEmpty())
        .toList();
  }

  /**
   * Arms and what they are held against: the same without AGR if it is there, otherwise the first
   * arm if that has the same optimizer; and AGR against its placebo. An arm with none is left out.
   */
  public List<PairedDifference> differences() {
    return differences(measure(), judgement, epochs -> OptionalDouble.of(last(epochs, measure())));
  }

  /** Differences of the last epoch's training loss, empty where that is what is compared anyway. */
  public List<PairedDifference> trainLosses() {
    return measures.stream()
        .skip(1)
        .filter(measure -> measure.key().equals(EpochRecord.TRAIN_LOSS))
        .flatMap(
            loss ->
                differences(loss, aside(), epochs -> OptionalDouble.of(last(epochs, loss)))
                    .stream())
        .toList();
  }

  /** How what is not the compared measure is judged: without a margin, which is in its points. */
  private Judgement aside() {
    return new Judgement(judgement.looks(), 0, 0);
  }

  /** The same of another measure, and after an epoch; 1 is the first. Margin and plan are left. */
  public List<PairedDifference> differences(Measure measure, int epoch) {
    return differences(
        measure, aside(), epochs -> OptionalDouble.of(measure.of(epochs.get(epoch - 1))));
  }

  /**
   * The epochs that arms need until the loss {@link #targetLoss()}, held against one another as in
   * {@link #differences()}; empty with fewer than two epochs. Seeds with which one of the two never
   * gets there are left out.
   */
  public List<PairedDifference> speeds() {
    return epochs() < 2
        ? List.of()
        : differences(
            TrainingCourse.EPOCHS,
            aside(),
            epochs -> TrainingCourse.epochsUntil(epochs, targetLoss()));
  }

  /** The first arm's mean training loss in the last epoch but one, which nearly all runs reach. */
  public double targetLoss() {
    return Spread.of(
            after(runs.keySet().iterator().next(), epochs() - 1).stream()
                .map(epoch -> epoch.get(EpochRecord.TRAIN_LOSS))
                .toList())
        .mean();
  }

  /**
   * How far the compared measure strays from a straight line through the last half of the epochs,
   * arms held against one another; empty with fewer than eight epochs.
   */
  public List<PairedDifference> unsteadiness() {
    return differences(
        TrainingCourse.unsteadiness(measure()),
        aside(),
        epochs -> TrainingCourse.unsteadiness(epochs.subList(0, epochs()), measure()));
  }

  private List<PairedDifference> differences(
      Measure what, Judgement how, Function<List<EpochRecord>, OptionalDouble> ofRun) {
    List<PairedDifference> differences = new ArrayList<>();
    for (Arm arm : runs.keySet()) {
      Set<Arm> others = new LinkedHashSet<>();
      others.add(baseline(arm));
      others.add(arm.withPlacebo());
      others.remove(arm);
      for (Arm other : others) {
        if (other != null && runs.containsKey(other)) {
          Map<Long, Double> points = points(arm, other, ofRun);
          if (!points.isEmpty()) {
            differences.add(new PairedDifference(arm, other, what, points, how));
          }
        }
      }
    }
    return differences;
  }

  private Map<Long, Double> points(
      Arm arm, Arm other, Function<List<EpochRecord>, OptionalDouble> ofRun) {
    Map<Long, Double> points = new LinkedHashMap<>();
    runs.get(arm)
        .forEach(
            (seed, epochs) -> {
              List<EpochRecord> against = runs.get(other).get(seed);
              OptionalDouble one = ofRun.apply(epochs);
              OptionalDouble two = against == null ? OptionalDouble.empty() : ofRun.apply(against);
              if (one.isPresent() && two.isPresent()) {
                points.put(seed, one.getAsDouble() - two.getAsDouble());
              }
            });
    return points;
  }

  private double last(List<EpochRecord> epochs, Measure measure) {
    return measure.of(epochs.get(epochs() - 1));
  }

  private Arm baseline(Arm arm) {
    Arm plain = arm.withoutAgr();
    if (!plain.equals(arm) && runs.containsKey(plain)) {
      return plain;
    }
    Arm first = runs.keySet().iterator().next();
    // Two optimizers are not held against one another: their learning rates are not tuned.
    boolean isSameOptimizer = first.optimizer().plain() == arm.optimizer().plain();
    boolean isMoreThanPlain = arm.optimizer().shrinks() || !first.optimizer().shrinks();
    return isSameOptimizer && isMoreThanPlain && !first.equals(arm) ? first : null;
  }
}
