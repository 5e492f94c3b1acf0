package org.agr4j.layers;

import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.TableLoop;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Whole numbers in arrays of floating point numbers: tokens, segments, positions, words. */
final class WholeNumbers {
  private WholeNumbers() {}

  /**
   * The elements in the order of their indices.
   *
   * @param bound each is at least 0 and below this
   * @param array any type, not modified
   * @param what names an element in the error
   * @throws DL4JInvalidInputException if one is not such a number
   */
  static int[] below(long bound, INDArray array, String what) {
    float[] floats = FloatRows.usable(array) ? TableLoop.elements(array) : null;
    double[] doubles = floats == null ? array.dup('c').data().asDouble() : null;
    int[] numbers = new int[Math.toIntExact(array.length())];
    for (int i = 0; i < numbers.length; i++) {
      double value = floats == null ? doubles[i] : floats[i];
      numbers[i] = (int) value;
      if (numbers[i] != value || value < 0 || value >= bound) {
        throw new DL4JInvalidInputException(
            what + " " + value + ", expected a whole number from 0 to " + (bound - 1));
      }
    }
    return numbers;
  }
}
