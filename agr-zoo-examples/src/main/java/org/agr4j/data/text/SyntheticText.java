package org.agr4j.data.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A made-up language in which words and their order can be learned, so that a first try and tests
 * need no data. A document is a day of six hours: each of its sentences tells of the hour after the
 * one before, and of somebody who does what only they do with one of two things. So the hours tell
 * which of two stretches comes first, somebody tells what they do, and that with what.
 */
public final class SyntheticText {
  private static final List<String> HOURS = List.of("one", "two", "three", "four", "five", "six");
  private static final List<String> WHO =
      List.of(
          "baker", "smith", "miller", "tailor", "sailor", "farmer", "painter", "doctor", "teacher",
          "singer", "hunter", "weaver");
  private static final List<String> DOES =
      List.of(
          "bakes", "forges", "grinds", "sews", "steers", "sows", "paints", "cures", "teaches",
          "sings", "hunts", "weaves");
  private static final List<String> WHAT =
      List.of(
          "bread", "cakes", "iron", "swords", "corn", "flour", "coats", "gloves", "boats", "rafts",
          "wheat", "beans", "walls", "doors", "wounds", "fevers", "sums", "letters", "songs",
          "psalms", "deer", "hares", "linen", "wool");

  private SyntheticText() {}

  /**
   * Makes texts up.
   *
   * @param seed what determines them
   * @param train documents of the training text
   * @param other documents of the validation text, and of the test text
   */
  public static TextSplits generate(long seed, int train, int other) {
    Random random = new Random(seed);
    return new TextSplits(
        documents(random, train), documents(random, other), documents(random, other));
  }

  private static List<String> documents(Random random, int count) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (String hour : HOURS) {
        int who = random.nextInt(WHO.size());
        lines.add(
            "at %s the %s %s %s"
                .formatted(
                    hour, WHO.get(who), DOES.get(who), WHAT.get(2 * who + random.nextInt(2))));
      }
      lines.add("");
    }
    return lines;
  }
}
