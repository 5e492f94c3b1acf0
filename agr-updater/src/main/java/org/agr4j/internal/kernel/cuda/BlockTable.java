package org.agr4j.internal.kernel.cuda;

import org.agr4j.internal.layout.TensorBoundaries;

/**
 * What the kernels in {@code fused_step.cu} know about a block: its items (what a thread block
 * takes), its tensors, and room for partial sums, ‖g‖₁ and the numbers of each tensor's step.
 *
 * <p>One array of 64-bit words, copied to the device once for each block: 24 bytes for every item
 * and 92 for every tensor. It depends on the tensors' sizes alone, and so does the order of every
 * sum.
 */
final class BlockTable {
  /** Threads of a thread block, {@code THREADS} in the source. */
  static final int THREADS = 256;

  /** Tensors up to this length go to one warp each. */
  static final int WARP_LENGTH = 512;

  /** Elements of a thread block's part of a tensor, at least and at most. */
  static final int SHORTEST_CHUNK = 2048;

  static final int LONGEST_CHUNK = 16384;

  private static final int WARPS = THREADS / 32;
  private static final int ITEM_WORDS = 2;
  private static final int TENSOR_WORDS = 3;
  private static final int PLAN_WORDS = 7;

  private final long[] words;
  private final int items;
  private final int tensors;

  /**
   * Lays out the table of a block.
   *
   * @param boundaries its tensors
   * @throws ArithmeticException if the block has more parts than an array can count
   */
  BlockTable(TensorBoundaries boundaries) {
    tensors = boundaries.count();
    int chunk = chunkLength(boundaries.totalLength());
    items = Math.toIntExact(layOut(boundaries, chunk, null));
    words = new long[Math.toIntExact(plansAt() + (long) PLAN_WORDS * tensors)];
    layOut(boundaries, chunk, words);
  }

  /** Long enough to be worth a thread block, short enough that all of a GPU has work. */
  private static int chunkLength(long elements) {
    int chunk = SHORTEST_CHUNK;
    while (chunk < LONGEST_CHUNK && (long) chunk * 4096 < elements) {
      chunk *= 2;
    }
    return chunk;
  }

  /** Counts the items and, given an array, writes them and the tensors to it. */
  private long layOut(TensorBoundaries boundaries, int chunk, long[] words) {
    long item = 0;
    for (int i = 0; i < tensors; ) {
      int small = 0;
      while (small < WARPS && i + small < tensors && boundaries.length(i + small) <= WARP_LENGTH) {
        small++;
      }
      if (small > 0) {
        writeItem(words, item, 0, -small, i);
        for (int k = i; k < i + small; k++) {
          writeTensor(words, boundaries, k, item, 1);
        }
        item++;
        i += small;
      } else {
        long length = boundaries.length(i);
        long count = (length + chunk - 1) / chunk;
        writeTensor(words, boundaries, i, item, count);
        for (long k = 0; k < count; k++) {
          int n = (int) Math.min(chunk, length - k * chunk);
          writeItem(words, item++, boundaries.start(i) + k * chunk, n, i);
        }
        i++;
      }
    }
    return item;
  }

  private static void writeItem(long[] words, long item, long start, int length, int tensor) {
    if (words != null) {
      int at = Math.toIntExact(ITEM_WORDS * item);
      words[at] = start;
      words[at + 1] = pair(length, tensor);
    }
  }

  private void writeTensor(
      long[] words, TensorBoundaries boundaries, int tensor, long firstItem, long count) {
    if (words != null) {
      int at = Math.toIntExact(tensorsAt() + (long) TENSOR_WORDS * tensor);
      words[at] = boundaries.start(tensor);
      words[at + 1] = boundaries.length(tensor);
      words[at + 2] = pair((int) firstItem, (int) count);
    }
  }

  /** Two ints next to each other, as a little-endian device reads them. */
  static long pair(int first, int second) {
    return (first & 0xffffffffL) | (long) second << 32;
  }

  /** The content; the caller must not change it. */
  long[] words() {
    return words;
  }

  /** How many thread blocks a launch takes. */
  int items() {
    return items;
  }

  int tensors() {
    return tensors;
  }

  // Where each part starts, in words.

  long tensorsAt() {
    return (long) ITEM_WORDS * items;
  }

  long partialsAt() {
    return tensorsAt() + (long) TENSOR_WORDS * tensors;
  }

  long arrivedAt() {
    return partialsAt() + items;
  }

  long sumsAt() {
    return arrivedAt() + (tensors + 1) / 2;
  }

  long plansAt() {
    return sumsAt() + tensors;
  }
}
