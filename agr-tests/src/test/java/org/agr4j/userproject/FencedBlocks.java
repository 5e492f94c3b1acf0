package org.agr4j.userproject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The fenced blocks of a Markdown file, and a class that has those in Java as its methods. */
final class FencedBlocks {
  private static final List<String> IMPORTS =
      List.of(
          "java.util.*",
          "org.agr4j.*",
          "org.agr4j.layers.cpu.*",
          "org.agr4j.regularization.*",
          "org.agr4j.schedule.*",
          "org.agr4j.updater.*",
          "org.deeplearning4j.nn.conf.*",
          "org.deeplearning4j.nn.conf.inputs.InputType",
          "org.deeplearning4j.nn.conf.layers.*",
          "org.deeplearning4j.nn.graph.ComputationGraph",
          "org.nd4j.linalg.activations.Activation",
          "org.nd4j.linalg.learning.config.*",
          "org.nd4j.linalg.schedule.*");

  private FencedBlocks() {}

  /** What stands between the fences of that language, in their order. */
  static List<String> of(Path markdown, String language) throws IOException {
    return Pattern.compile("^```" + language + "\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
        .matcher(Files.readString(markdown))
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
  }

  /**
   * The source of the class {@code Readme}: each block, as it is printed, in a method of its own. A
   * configuration that a block declares can be used by those after it.
   */
  static String asClass(List<String> blocks) {
    StringBuilder source = new StringBuilder("package com.example;\n");
    IMPORTS.forEach(name -> source.append("import ").append(name).append(";\n"));
    source.append(
        """
        import java.util.concurrent.Callable;

        final class Readme {
          static MultiLayerConfiguration conf;
          static ComputationGraphConfiguration configuration;
        """);
    for (int i = 0; i < blocks.size(); i++) {
      source.append("static Object block" + i + "() throws Exception {\n");
      source.append(blocks.get(i));
      source.append(
          "Readme.conf = conf;\nReadme.configuration = configuration;\nreturn null;\n}\n");
    }
    source.append("static List<Callable<Object>> examples() {\nreturn List.of(");
    source.append(
        String.join(
            ", ", IntStream.range(0, blocks.size()).mapToObj(i -> "Readme::block" + i).toList()));
    return source.append(");\n}\n}\n").toString();
  }
}
