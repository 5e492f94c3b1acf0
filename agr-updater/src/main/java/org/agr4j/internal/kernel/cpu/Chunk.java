package org.agr4j.internal.kernel.cpu;

import org.agr4j.internal.kernel.StepCoefficients;

/**
 * A stretch of a block in Java arrays, small enough to stay in a core's first-level cache while it
 * is worked on; one per thread and type.
 *
 * <p>Rows: {@link #GRADIENT} and up to four of optimizer state, each {@link #LENGTH} elements.
 */
abstract class Chunk {
  /**
   * Elements of a row. Shorter, the calls cost more than the loops; longer, memory waits while the
   * loops run: the processor fetches ahead a page at most. 256 to 512 were best of 64 to 4096, 1024
   * and more took up to twice as long.
   */
  static final int LENGTH = 512;

  /** The most elements {@link #absoluteSum} takes, a multiple of 32 up to {@link #LENGTH}. */
  static final int SUM_LENGTH = 512;

  /** Row of the gradient, which becomes the update. */
  static final int GRADIENT = 0;

  /** Row of the first moment m. */
  static final int FIRST_MOMENT = 1;

  /** Row of the second moment, AdamW's v or Adan's n. */
  static final int SECOND_MOMENT = 2;

  /** Row of Adan's gradient difference d. */
  static final int DIFFERENCE = 3;

  /** Row of Adan's last gradient. */
  static final int LAST_GRADIENT = 4;

  /** How many rows there are. */
  static final int ROWS = 5;

  /** Fills the first {@code n} elements of a row from {@code from[at…]}. */
  abstract void read(int row, OffHeapArray from, long at, int n);

  /** Copies the first {@code n} elements of a row to {@code to[at…]}. */
  abstract void write(int row, OffHeapArray to, long at, int n);

  /**
   * Σ|g| of the first {@code n} elements of the gradient row; NaN or +∞ if and only if one of them
   * is. Overwrites the row from {@code n} on.
   *
   * @param n at most {@link #SUM_LENGTH}
   */
  abstract double absoluteSum(int n);

  /** One AdamW step of elements {@code a} to {@code b}, which belong to one tensor. */
  abstract void adamW(int a, int b, double divisor, StepCoefficients c);

  /** One Adan step of elements {@code a} to {@code b}, which belong to one tensor. */
  abstract void adan(int a, int b, double divisor, StepCoefficients c);
}
