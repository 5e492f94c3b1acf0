package org.agr4j.cli;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.train.TrainSettings;

/** What is used where nothing is given. */
final class Defaults {
  /** Of the paper's CIFAR-100 experiments. */
  static final int EPOCHS = 200;

  /** Of the paper's CIFAR-100 experiments. */
  static final int BATCH_SIZE = 128;

  /** Of the paper's CIFAR-100 experiments. */
  static final int WIDTH = 64;

  // For the built-in data: a quarter of a minute on two cores, and far above chance at its end.
  static final double SYNTHETIC_RATE_FACTOR = 3;
  static final int SYNTHETIC_EPOCHS = 3;
  static final int SYNTHETIC_BATCH_SIZE = 20;
  static final int SYNTHETIC_WIDTH = 8;
  static final int SYNTHETIC_TRAIN = 1200;
  static final int SYNTHETIC_TEST = 500;

  private Defaults() {}

  /** Where results go: {@code runs/WHAT-DATA-…-TIME}. */
  static Path folder(TrainSettings settings, String what, String... more) {
    List<String> parts = new ArrayList<>();
    parts.add(what);
    parts.add(settings.isSynthetic() ? "synthetic" : settings.dataset().label());
    parts.addAll(List.of(more));
    parts.add(LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")));
    return Path.of("runs", String.join("-", parts));
  }
}
