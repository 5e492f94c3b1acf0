package org.agr4j.internal.layout;

import java.util.Arrays;

/**
 * Which slice of a block is which tensor: tensor i of a flat block holds the elements {@code
 * start(i)} (inclusive) to {@code end(i)} (exclusive), and the tensors follow one another without a
 * gap.
 *
 * <p>DL4J lays adjacent parameters with equal updaters into one flat block, so a block is in
 * general several tensors, and ‖g‖₁ belongs to each of them alone. A value: immutable, compared by
 * content.
 */
public final class TensorBoundaries {
  private final long[] offsets; // offsets[i] is where tensor i starts; the last one is the length

  private TensorBoundaries(long[] offsets) {
    this.offsets = offsets;
  }

  /**
   * Boundaries of tensors laid end to end.
   *
   * @param lengths number of elements of each tensor, in order; each at least 1
   * @return the boundaries
   * @throws IllegalArgumentException if a length is below 1
   */
  public static TensorBoundaries ofLengths(long... lengths) {
    long[] offsets = new long[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 1) {
        throw new IllegalArgumentException(
            "length of tensor " + i + " = " + lengths[i] + ", expected 1 or more");
      }
      offsets[i + 1] = Math.addExact(offsets[i], lengths[i]);
    }
    return new TensorBoundaries(offsets);
  }

  /** Number of tensors. */
  public int count() {
    return offsets.length - 1;
  }

  /** First element of tensor {@code i}; {@code start(count())} is the length of the block. */
  public long start(int i) {
    return offsets[i];
  }

  /** One past the last element of tensor {@code i}. */
  public long end(int i) {
    return offsets[i + 1];
  }

  /** Number of elements of tensor {@code i}. */
  public long length(int i) {
    return offsets[i + 1] - offsets[i];
  }

  /** Number of elements of the block. */
  public long totalLength() {
    return offsets[offsets.length - 1];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorBoundaries
        && Arrays.equals(offsets, ((TensorBoundaries) other).offsets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(offsets);
  }

  /** Number of elements of each tensor, in order. */
  public long[] lengths() {
    long[] lengths = new long[count()];
    Arrays.setAll(lengths, this::length);
    return lengths;
  }

  /** The lengths, as in {@code [576, 288, 3]}. */
  @Override
  public String toString() {
    return Arrays.toString(lengths());
  }
}
