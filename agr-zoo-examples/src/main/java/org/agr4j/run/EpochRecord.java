package org.agr4j.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one epoch came to: one line of the metrics file, a value for each key.
 *
 * <p>Keys that every run has: {@code epoch}; {@code train_loss}, the mean loss of the training
 * examples, each at the step that used it, without decay terms; {@code …_per_second}, training
 * examples a second; {@code train_seconds} and {@code test_seconds}. Between them stand the values
 * that the task measures after the epoch; with a weight average those of the average, and once more
 * those of the weights as they were trained, {@code unaveraged_…}.
 */
public final class EpochRecord {
  /** The epoch; 1 is the first. */
  public static final String EPOCH = "epoch";

  /** The mean training loss. */
  public static final String TRAIN_LOSS = "train_loss";

  private static final String UNAVERAGED = "unaveraged_";

  /** Duration of training. */
  public static final String TRAIN_SECONDS = "train_seconds";

  /** Duration of what is measured after the epoch. */
  public static final String TEST_SECONDS = "test_seconds";

  private final Map<String, Double> values;

  private EpochRecord(Map<String, Double> values) {
    this.values = values;
  }

  /**
   * Sums up an epoch that was trained and measured.
   *
   * @param trained the epoch
   * @param unit what its examples are called, for example {@code images}
   * @param measured what the task measured, by key
   * @param testSeconds how long that took
   */
  public static EpochRecord of(
      EpochMeter trained, String unit, Map<String, Double> measured, double testSeconds) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(EPOCH, (double) trained.epoch());
    values.put(TRAIN_LOSS, trained.trainLoss());
    values.putAll(measured);
    values.put(perSecond(unit), trained.examplesPerSecond());
    values.put(TRAIN_SECONDS, trained.trainSeconds());
    values.put(TEST_SECONDS, testSeconds);
    return new EpochRecord(values);
  }

  /** The key of a value of the weights as they were trained, where an average is measured. */
  public static String unaveraged(String key) {
    return UNAVERAGED + key;
  }

  /** The key of the speed: {@code images_per_second}. */
  public static String perSecond(String unit) {
    return unit + "_per_second";
  }

  /**
   * Reads a line of the metrics file.
   *
   * @throws IllegalArgumentException if it has no epoch, or something that is no number
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static EpochRecord of(Map<String, Double> line) {
    if (line.get(EPOCH) == null || line.get(TRAIN_LOSS) == null || line.containsValue(null)) {
      throw new IllegalArgumentException(
          "it has " + line + ", expected numbers, " + EPOCH + " and " + TRAIN_LOSS + " among them");
    }
    return new EpochRecord(new LinkedHashMap<>(line));
  }

  /** The line: the epoch as a whole number. */
  @JsonValue
  Map<String, Number> line() {
    Map<String, Number> line = new LinkedHashMap<>(values);
    line.put(EPOCH, epoch());
    return line;
  }

  /** The epoch; 1 is the first. */
  public int epoch() {
    return values.get(EPOCH).intValue();
  }

  /**
   * The value of a key.
   *
   * @throws IllegalArgumentException if the epoch has none
   */
  public double get(String key) {
    Double value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("epoch %d has no %s".formatted(epoch(), key));
    }
    return value;
  }

  /** The keys, in the order of the file. */
  public List<String> keys() {
    return List.copyOf(values.keySet());
  }

  /** Whether the epoch has a value of that key. */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EpochRecord r && values.equals(r.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return line().toString();
  }
}
