package org.agr4j.data.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What {@link WordPieceLearning} computes, as slowly and plainly as can be. */
final class PlainLearning {
  private PlainLearning() {}

  /** The vocabulary's text. */
  static String learn(List<String> lines, int size) {
    Map<String, Long> words = new TreeMap<>();
    lines.forEach(
        line -> WordPieces.words(line, false).forEach(word -> words.merge(word, 1L, Long::sum)));
    Map<String, Long> characters = new TreeMap<>();
    Map<List<String>, Long> cut = new LinkedHashMap<>();
    words.forEach(
        (word, count) -> {
          List<String> pieces = new ArrayList<>();
          for (int i = 0; i < word.length(); i++) {
            pieces.add((i == 0 ? "" : "##") + word.charAt(i));
            characters.merge(pieces.get(i), count, Long::sum);
          }
          cut.put(pieces, count);
        });
    List<String> vocabulary = new ArrayList<>(Vocabulary.SPECIAL);
    characters.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(size - vocabulary.size())
        .forEach(entry -> vocabulary.add(entry.getKey()));
    cut.keySet().removeIf(pieces -> !vocabulary.containsAll(pieces));
    while (vocabulary.size() < size) {
      Map<List<Integer>, Long> pairs =
          new TreeMap<>(
              Comparator.<List<Integer>>comparingInt(pair -> pair.get(0))
                  .thenComparingInt(pair -> pair.get(1)));
      cut.forEach(
          (pieces, count) -> {
            for (int i = 0; i + 1 < pieces.size(); i++) {
              pairs.merge(
                  List.of(vocabulary.indexOf(pieces.get(i)), vocabulary.indexOf(pieces.get(i + 1))),
                  count,
                  Long::sum);
            }
          });
      List<Integer> best = null;
      for (var pair : pairs.entrySet()) {
        if (pair.getValue() > 1 && (best == null || pair.getValue() > pairs.get(best))) {
          best = pair.getKey();
        }
      }
      if (best == null) {
        break;
      }
      String left = vocabulary.get(best.get(0));
      String right = vocabulary.get(best.get(1));
      String joined = left + right.substring(2);
      Map<List<String>, Long> shorter = new LinkedHashMap<>();
      cut.forEach(
          (pieces, count) -> {
            List<String> made = new ArrayList<>();
            for (int i = 0; i < pieces.size(); i++) {
              boolean here =
                  i + 1 < pieces.size()
                      && pieces.get(i).equals(left)
                      && pieces.get(i + 1).equals(right);
              made.add(here ? joined : pieces.get(i));
              i += here ? 1 : 0;
            }
            shorter.put(made, count);
          });
      cut.clear();
      cut.putAll(shorter);
      if (!vocabulary.contains(joined)) {
        vocabulary.add(joined);
      }
    }
    return String.join("\n", vocabulary) + "\n";
  }
}
