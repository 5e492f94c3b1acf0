package org.agr4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.agr4j.settings.Setting;
import org.agr4j.task.classification.NetworkSettings;
import org.agr4j.zoo.NamedNetwork;
import org.agr4j.zoo.NetworkOptions;
import picocli.CommandLine.Option;

/** Drop path, patch and windows on the command line of {@code agr bench training}. */
final class NetworkOptionTexts {
  @Option(
      names = "--drop-path",
      paramLabel = "NUMBER",
      description = "As agr train has it (default as published).")
  private String dropPath;

  @Option(
      names = "--patch",
      paramLabel = "N",
      description = "As agr train has it (default what fits the side).")
  private String patch;

  @Option(
      names = "--window",
      paramLabel = "N[,N...]",
      description = "As agr train has it (default what fits the side).")
  private String window;

  /**
   * The options of a network.
   *
   * @throws org.agr4j.input.BadInputException if one is no number, or means nothing to the network
   */
  NetworkOptions options(NamedNetwork network) {
    NetworkOptions options =
        new NetworkOptions(
            read(NetworkSettings.DROP_PATH, dropPath, null),
            read(NetworkSettings.PATCH, patch, null),
            read(NetworkSettings.WINDOW, window, List.of()));
    NetworkSettings.refuse(network, options);
    return options;
  }

  private static <T> T read(Setting<T> setting, String text, T otherwise) {
    return text == null ? otherwise : setting.parse(text, setting.option());
  }

  boolean isGiven() {
    return !args().isEmpty();
  }

  /** The same options for another process. */
  List<String> args() {
    List<String> args = new ArrayList<>();
    add(args, NetworkSettings.DROP_PATH, dropPath);
    add(args, NetworkSettings.PATCH, patch);
    add(args, NetworkSettings.WINDOW, window);
    return args;
  }

  private static void add(List<String> args, Setting<?> setting, String text) {
    if (text != null) {
      args.addAll(List.of(setting.option(), text));
    }
  }
}
