package org.agr4j.layers;

/**
 * What an attention adds to the score of query p and key q for where they lie in their window, of
 * side w; looked up in a trained table for each head.
 */
public enum PositionBias {
  /** No bias is added to the scores. */
  NONE,
  /**
   * One number for each signed offset, as Swin has it: table [(2w − 1)², heads], row (y_p − y_q + w
   * − 1)(2w − 1) + x_p − x_q + w − 1. Source: arXiv 2103.14030, equation 4.
   */
  RELATIVE,
  /**
   * One number for each absolute offset, as LeViT and TinyViT have it: table [heads, w²], column
   * |y_p − y_q| w + |x_p − x_q|. Source: arXiv 2104.01136, equation 1.
   */
  OFFSET;

  /** Shape of the table, or null. */
  long[] shape(int side, int heads) {
    switch (this) {
      case RELATIVE:
        return new long[] {(2L * side - 1) * (2L * side - 1), heads};
      case OFFSET:
        return new long[] {heads, (long) side * side};
      default:
        return null;
    }
  }

  /** Where in the flat table the number for a head, a query and a key is. */
  int at(int side, int heads, int head, int query, int key) {
    int dy = query / side - key / side;
    int dx = query % side - key % side;
    if (this == RELATIVE) {
      return ((dy + side - 1) * (2 * side - 1) + dx + side - 1) * heads + head;
    }
    return (head * side + Math.abs(dy)) * side + Math.abs(dx);
  }
}
