package org.agr4j.task.classification;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Fact;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.zoo.NamedNetwork;
import org.agr4j.zoo.NetworkOptions;

/** The settings of some networks: drop path, patch, windows; refused by name for all others. */
public final class NetworkSettings {
  private static final int LARGEST = 4096;

  /** Drop path of the last block; 0 at the first, and linear between. */
  public static final Setting<Double> DROP_PATH =
      Setting.number("drop-path", "NUMBER")
          .help(
              "Share of images for which a block's branch is left out, at the last block; linear "
                  + "from 0 at the first. Default as published: %s; 0 is none."
                      .formatted(publishedDropPaths()))
          .check(v -> v >= 0 && v < 1, "a number >= 0 and < 1")
          .fallback(s -> model(s).dropPath())
          .fact(Fact.of(Fact.Line.REST, "drop path ", v -> v == null ? null : String.valueOf(v)));

  /** Side of the stem's patches. */
  public static final Setting<Integer> PATCH =
      Setting.whole("patch", "N")
          .help(
              "%s: side of the stem's patches in pixels. Default 4; swin below 64 pixels 2."
                  .formatted(names(NamedNetwork::hasPatches)))
          .check(n -> n >= 1 && n <= LARGEST, "a whole number from 1 to " + LARGEST)
          .fallback(s -> null)
          .fact(Fact.of(Fact.Line.REST, "patch ", v -> v == null ? null : String.valueOf(v)));

  /** Side of the attention's windows. */
  public static final Setting<List<Integer>> WINDOW =
      Setting.wholes("window", "N")
          .help(
              "%s: side of the attention's windows in positions, with tinyvit one for each of "
                      .formatted(names(network -> network.windows() > 0))
                  + "stages 2 to 4. Default the largest up to 7, and 7,14,7, that fit the images: "
                  + "64 pixels 4, and 4,4,2.")
          .check(
              v -> v.stream().allMatch(n -> n >= 1 && n <= LARGEST),
              "whole numbers from 1 to " + LARGEST)
          .fallback(s -> null)
          .fact(
              Fact.of(
                  Fact.Line.REST,
                  "window ",
                  v ->
                      v == null
                          ? null
                          : v.stream().map(String::valueOf).collect(Collectors.joining(","))));

  private static final List<Setting<?>> ALL = List.of(DROP_PATH, PATCH, WINDOW);

  private NetworkSettings() {}

  /** All of them, in the order of help and facts. */
  static List<Setting<?>> all() {
    return ALL;
  }

  private static NamedNetwork model(Settings settings) {
    return ClassificationSettings.model(settings);
  }

  private static String names(Predicate<NamedNetwork> having) {
    return String.join(", ", NamedNetwork.labels(having));
  }

  private static String publishedDropPaths() {
    return NamedNetwork.labels(network -> network.dropPath() != null).stream()
        .map(name -> name + " " + NamedNetwork.of(name).orElseThrow().dropPath())
        .collect(Collectors.joining(", "));
  }

  /** What the network is told. */
  static NetworkOptions options(Settings s) {
    return new NetworkOptions(
        s.get(DROP_PATH), s.get(PATCH), s.has(WINDOW) ? s.get(WINDOW) : List.of());
  }

  /**
   * Refuses those that are given and mean nothing to the network.
   *
   * @throws BadInputException in one line, with the networks that have it
   */
  static void check(Settings s) {
    refuse(model(s), options(s));
  }

  /**
   * Refuses options that mean nothing to a network.
   *
   * @throws BadInputException in one line, with the networks that have it
   */
  public static void refuse(NamedNetwork network, NetworkOptions options) {
    require(options.dropPath() == null, DROP_PATH, network, other -> other.dropPath() != null);
    require(options.patch() == null, PATCH, network, NamedNetwork::hasPatches);
    List<Integer> windows = options.windows();
    require(windows.isEmpty(), WINDOW, network, other -> other.windows() > 0);
    if (!windows.isEmpty() && windows.size() != network.windows()) {
      throw new BadInputException(
          "%s is %s with %s %s, expected %s"
              .formatted(
                  WINDOW,
                  WINDOW.text(windows),
                  LoopSettings.MODEL,
                  network,
                  network.windows() == 1
                      ? "one number"
                      : network.windows() + " numbers, for stages 2 to 4"));
    }
  }

  private static void require(
      boolean absent, Setting<?> setting, NamedNetwork network, Predicate<NamedNetwork> having) {
    if (!absent && !having.test(network)) {
      throw new BadInputException(
          "%s is given and means nothing to %s %s, expected %s"
              .formatted(setting, LoopSettings.MODEL, network, names(having)));
    }
  }
}
