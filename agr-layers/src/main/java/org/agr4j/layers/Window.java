package org.agr4j.layers;

import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp.DynamicCustomOpsBuilder;

/**
 * The window that a convolution moves over an image.
 *
 * @param kernel height and width
 * @param stride step, both ways
 * @param padding zeros on each side
 */
record Window(int kernel, int stride, int padding) {
  // libnd4j's numbers.
  private static final int EXPLICIT = 0;
  private static final int NHWC = 1;
  private static final int OYXI = 2;

  Window {
    Check.atLeast("kernel", kernel, 1);
    Check.atLeast("stride", stride, 1);
    Check.atLeast("padding", padding, 0);
  }

  /** Positions of the window along a side, or less than 1 if it does not fit. */
  long positions(long side) {
    return Math.floorDiv(side + 2L * padding - kernel, (long) stride) + 1;
  }

  /** ND4J's depthwise operation of that name with this window, in NHWC. */
  DynamicCustomOpsBuilder depthwise(String name) {
    return DynamicCustomOp.builder(name)
        .addIntegerArguments(
            kernel, kernel, stride, stride, padding, padding, 1, 1, EXPLICIT, NHWC);
  }

  /** ND4J's operation of that name with this window, in NHWC, weights [out, k, k, in]. */
  DynamicCustomOpsBuilder convolution(String name) {
    return DynamicCustomOp.builder(name)
        .addIntegerArguments(
            kernel, kernel, stride, stride, padding, padding, 1, 1, EXPLICIT, NHWC, OYXI);
  }
}
