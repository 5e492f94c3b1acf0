package org.agr4j.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Milliseconds of training steps on one batch, and of their phases. */
final class StepTimes {
  private final List<Double> steps = new ArrayList<>();
  private final List<Double> forward = new ArrayList<>();
  private final List<Double> backward = new ArrayList<>();
  private final List<Double> optimizer = new ArrayList<>();

  /** Takes a step, which changes the graph, and notes how long it took. */
  void step(ComputationGraph graph, PhaseClock clock, MultiDataSet batch) {
    long start = System.nanoTime();
    graph.fit(batch);
    long end = System.nanoTime();
    steps.add((end - start) / 1e6);
    forward.add((clock.forwardEnd() - start) / 1e6);
    backward.add((clock.backwardEnd() - clock.forwardEnd()) / 1e6);
    optimizer.add((end - clock.backwardEnd()) / 1e6);
  }

  double least() {
    return Collections.min(steps);
  }

  double median() {
    return Median.of(steps);
  }

  double forward() {
    return Median.of(forward);
  }

  double backward() {
    return Median.of(backward);
  }

  double optimizer() {
    return Median.of(optimizer);
  }
}
