package org.agr4j.layers;

/**
 * Where queries, keys and values of each head lie in a row [3C] of the joint product.
 *
 * @param heads number of heads
 * @param width channels d of a head
 * @param byHead whether a head's query, key and value lie side by side, [heads, 3, d], rather than
 *     all queries before all keys before all values, [3, heads, d]
 */
record HeadLayout(int heads, int width, boolean byHead) {
  /** The number of channels C. */
  int channels() {
    return heads * width;
  }

  /** First column of the query of a head; {@link #step} and twice that lead to key and value. */
  int query(int head) {
    return byHead ? 3 * width * head : width * head;
  }

  /** Columns from the query to the key and from the key to the value. */
  int step() {
    return byHead ? width : channels();
  }
}
