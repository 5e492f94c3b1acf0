package org.agr4j.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The file of an image and the class that the image shows.
 *
 * @param file its name in the tree
 * @param label its class
 */
record LabelledFile(String file, int label) {
  /** {@code x_9.JPEG} before {@code x_10.JPEG}. */
  static final Comparator<String> BY_NUMBER =
      Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

  /**
   * Lets classes take turns: the first of each, then the second of each, and so on. So a cut after
   * n images has ⌊n/classes⌋ or one more of each class. A class that has run out is passed over.
   *
   * @param byClass the files of each class, in order
   */
  static List<LabelledFile> inTurns(List<List<String>> byClass) {
    int most = byClass.stream().mapToInt(List::size).max().orElse(0);
    List<LabelledFile> files = new ArrayList<>();
    for (int turn = 0; turn < most; turn++) {
      for (int label = 0; label < byClass.size(); label++) {
        if (turn < byClass.get(label).size()) {
          files.add(new LabelledFile(byClass.get(label).get(turn), label));
        }
      }
    }
    return files;
  }
}
