package org.agr4j.layers.cpu;

/**
 * Where the tensors of a {@link org.agr4j.layers.RepeatedBlock} begin among its parameters, in the
 * order in which it lists them.
 */
final class BlockTensors {
  final int channels;
  final int hidden;
  final int joint = 0;
  final int jointBias;
  final int projection;
  final int projectionBias;

  /** γ, then β. */
  final int norm1;

  final int first;
  final int firstBias;
  final int second;
  final int secondBias;

  /** γ, then β. */
  final int norm2;

  final int length;

  BlockTensors(int channels, int hidden) {
    int c = channels;
    this.channels = c;
    this.hidden = hidden;
    jointBias = 3 * c * c;
    projection = jointBias + 3 * c;
    projectionBias = projection + c * c;
    norm1 = projectionBias + c;
    first = norm1 + 2 * c;
    firstBias = first + c * hidden;
    second = firstBias + hidden;
    secondBias = second + hidden * c;
    norm2 = secondBias + c;
    length = norm2 + 2 * c;
  }
}
