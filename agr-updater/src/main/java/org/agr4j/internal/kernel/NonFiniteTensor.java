package org.agr4j.internal.kernel;

/**
 * A tensor whose gradient holds a NaN or an infinity.
 *
 * @param index which tensor of its block
 * @param count how many tensors the block has
 * @param length how many elements the tensor has
 * @param sum its ‖g‖₁, NaN or +∞
 */
public record NonFiniteTensor(int index, int count, long length, double sum) {}
