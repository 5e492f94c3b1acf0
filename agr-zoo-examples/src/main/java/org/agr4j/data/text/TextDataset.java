package org.agr4j.data.text;

import java.util.List;

/** A data set of texts that can be used by name. */
public enum TextDataset {
  /** WikiText-2 (Merity et al. 2016): good and featured articles of Wikipedia, 2 million words. */
  WIKITEXT_2("wikitext-2", "WikiText-2", List.of(36_718, 3_760, 4_358)),
  /** A user's own texts. */
  TEXT("text", "own", List.of());

  private final String label;
  private final String title;
  private final List<Integer> lines;

  TextDataset(String label, String title, List<Integer> lines) {
    this.label = label;
    this.title = title;
    this.lines = lines;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /** The name in prose. */
  public String title() {
    return title;
  }

  /** Lines of the training, validation and test text; empty where any number will do. */
  List<Integer> lines() {
    return lines;
  }

  /** Where the data are to be had, a sentence without its point. */
  public String whereToGet() {
    return this == TEXT
        ? "pass a folder or archive with your train.txt, valid.txt and test.txt, blank lines between documents"
        : "get wikitext-2-v1.zip (4 MB, MD5 542ccefacc6c27f945fb54453812b3cd), for example from"
            + " https://wikitext.smerity.com, and pass it";
  }

  @Override
  public String toString() {
    return label;
  }
}
