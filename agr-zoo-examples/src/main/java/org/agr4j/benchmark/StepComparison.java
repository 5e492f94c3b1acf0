package org.agr4j.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times several ways to do one thing side by side: rounds of A, B, C, A, B, C, …, so that whatever
 * else the machine does meets them all, and the median of each.
 *
 * <p>Before a side is timed in a round it runs once untimed, so that it finds the caches as its own
 * last run left them and not as another side did.
 */
public final class StepComparison {
  /** One measured side. */
  public record Side(String name, double medianMicros, double minMicros) {}

  /**
   * Times of all sides, after they were interleaved.
   *
   * @param sides the sides, in the order they were added
   */
  public record Result(List<Side> sides) {
    /** The side of that name. */
    public Side side(String name) {
      return sides.stream()
          .filter(side -> side.name().equals(name))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no side is called " + name));
    }

    /** Median of one side over the median of another. */
    public double ratio(String name, String base) {
      return side(name).medianMicros() / side(base).medianMicros();
    }
  }

  private final Map<String, Runnable> sides = new LinkedHashMap<>();

  /**
   * Adds a side to the comparison.
   *
   * @param name its name
   * @param step what to time
   * @return this
   */
  public StepComparison side(String name, Runnable step) {
    sides.put(name, step);
    return this;
  }

  /**
   * Warms the sides up and times them.
   *
   * @param warmUpMillis how long each side runs first, so that the JIT is done with it
   * @param millis how long the timed rounds may take together; there are at least 5
   * @return the times
   */
  public Result run(long warmUpMillis, long millis) {
    Map<String, Integer> repeats = new LinkedHashMap<>();
    sides.forEach((name, step) -> repeats.put(name, warmUp(step, warmUpMillis)));
    Map<String, List<Double>> micros = new LinkedHashMap<>();
    sides.keySet().forEach(name -> micros.put(name, new ArrayList<>()));
    long end = System.nanoTime() + millis * 1_000_000;
    for (int round = 0; round < 5 || System.nanoTime() < end; round++) {
      sides.forEach((name, step) -> micros.get(name).add(time(step, repeats.get(name))));
    }
    List<Side> measured = new ArrayList<>();
    micros.forEach(
        (name, times) ->
            measured.add(
                new Side(
                    name,
                    median(times.stream().mapToDouble(t -> t).toArray()),
                    Collections.min(times))));
    return new Result(List.copyOf(measured));
  }

  /** Runs a side for a while; returns how many runs of it take about a millisecond, at least 1. */
  private static int warmUp(Runnable step, long millis) {
    double best = Double.POSITIVE_INFINITY;
    long end = System.nanoTime() + millis * 1_000_000;
    do {
      best = Math.min(best, time(step, 1));
    } while (System.nanoTime() < end);
    return (int) Math.max(1, Math.min(100, 1000 / best));
  }

  /** Microseconds of one run. */
  private static double time(Runnable step, int repeats) {
    step.run();
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      step.run();
    }
    return (System.nanoTime() - start) / 1e3 / repeats;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
