package org.agr4j.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.agr4j.input.BadInputException;

/**
 * The classes that a network's JSON names. DL4J's JSON makes an object of each, wherever it stands,
 * so only those may be named that networks are made of.
 *
 * <p>Every text in the JSON is looked at, not the fields {@code @class} alone: Jackson takes class
 * names in arrays as well, and DL4J some in fields of other names. A text that names a class of
 * this program or its libraries is refused unless it is in one of the packages below; none is
 * loaded for that in a way that runs its code.
 */
final class NamedClasses {
  private static final List<String> ALLOWED =
      List.of(
          "org.deeplearning4j.nn.conf.",
          "org.deeplearning4j.nn.weights.",
          "org.nd4j.linalg.activations.impl.",
          "org.nd4j.linalg.learning.config.",
          "org.nd4j.linalg.learning.regularization.",
          "org.nd4j.linalg.lossfunctions.impl.",
          "org.nd4j.linalg.schedule.",
          "org.agr4j.acprop.",
          "org.agr4j.layers.",
          "org.agr4j.optimizer.",
          "org.agr4j.placebo.",
          "org.agr4j.regularization.",
          "org.agr4j.schedule.",
          "org.agr4j.updater.",
          "org.agr4j.zoo.");
  private static final String TYPE_FIELD = "@class";
  private static final Pattern NAME =
      Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$]*(\\.[\\p{L}_$][\\p{L}\\p{N}_$]*)+");
  private static final Pattern AROUND_NAMES = Pattern.compile("[^\\p{L}\\p{N}_$.]+");
  private static final int DEEPEST = 200;
  private static final int LONGEST_TEXT = 10_000;

  private NamedClasses() {}

  /**
   * Refuses JSON that names other classes than those of networks, or is none.
   *
   * @param source what to call it in a message
   * @param json the text
   * @throws BadInputException one line with the class
   */
  static void check(String source, String json) {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(LONGEST_TEXT)
                    .build())
            .build();
    try (JsonParser parser = factory.createParser(json)) {
      boolean type = false;
      for (JsonToken token; (token = parser.nextToken()) != null; ) {
        if (type && token != JsonToken.VALUE_STRING) {
          throw new BadInputException(
              "%s has a %s that is no text, expected a class".formatted(source, TYPE_FIELD));
        }
        if (token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME) {
          check(source, parser.getText(), type);
        }
        type = token == JsonToken.FIELD_NAME && parser.currentName().equals(TYPE_FIELD);
      }
    } catch (IOException e) {
      throw new BadInputException(
          "%s is no JSON: %s".formatted(source, e.getMessage().lines().findFirst().orElse("")), e);
    }
  }

  private static void check(String source, String text, boolean type) {
    if (type && !NAME.matcher(text).matches()) {
      throw refused(source, text);
    }
    for (String word : AROUND_NAMES.split(text)) {
      // An array's class is written [Lname;
      String name = text.contains("[L") && word.startsWith("L") ? word.substring(1) : word;
      boolean named = type || NAME.matcher(name).matches() && isClass(name);
      if (named && ALLOWED.stream().noneMatch(name::startsWith)) {
        throw refused(source, name);
      }
    }
  }

  private static BadInputException refused(String source, String name) {
    String start = name.length() > 200 ? name.substring(0, 200) + "…" : name;
    return new BadInputException(
        "%s names the class %s, expected layers and their parts of DL4J, ND4J or AGR4J: a network that does is not read"
            .formatted(source, start.replaceAll("\\p{Cntrl}", " ")));
  }

  /** Looks a class up without running its code. */
  private static boolean isClass(String name) {
    try {
      Class.forName(name, false, Thread.currentThread().getContextClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return e instanceof LinkageError;
    }
  }
}
