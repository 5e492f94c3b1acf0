package org.agr4j.internal;

import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a data type of ND4J can hold of an optimizer's numbers, asked here by whatever computes or
 * stores some.
 *
 * <table>
 *   <caption>The types</caption>
 *   <tr><th></th><th>whole numbers up to</th><th>square is 0 below</th><th>largest</th></tr>
 *   <tr><td>FLOAT16</td><td>2¹¹ = 2048</td><td>2.4e-4</td><td>65504</td></tr>
 *   <tr><td>BFLOAT16</td><td>2⁸ = 256</td><td>9.6e-21</td><td>3.4e38</td></tr>
 *   <tr><td>FLOAT</td><td>2²⁴ = 1.7e7</td><td>3.7e-23</td><td>3.4e38</td></tr>
 *   <tr><td>DOUBLE</td><td>2⁵³ = 9e15</td><td>2.2e-162</td><td>1.8e308</td></tr>
 * </table>
 *
 * Integers, BOOL, UTF8 and the rest hold none of them.
 *
 * @param type the type
 * @param digits binary digits of a number, 0 for a type without fractions
 * @param smallest the smallest number above 0
 * @param largest the largest finite number
 */
public record NumberLimits(DataType type, int digits, double smallest, double largest) {
  /** A mean needs so many roundings of distance to what it moves to, or it stays where it is. */
  private static final double ROUNDINGS = 16;

  private static final int FLOAT_DIGITS = 24;

  /** Returns the limits of a type of ND4J, whichever it is. */
  public static NumberLimits of(DataType type) {
    return switch (type) {
      case HALF -> new NumberLimits(type, 11, 0x1p-24, 65504);
      case BFLOAT16 -> new NumberLimits(type, 8, 0x1p-133, 0x1.FEp127);
      case FLOAT -> new NumberLimits(type, FLOAT_DIGITS, Float.MIN_VALUE, Float.MAX_VALUE);
      case DOUBLE -> new NumberLimits(type, 53, Double.MIN_VALUE, Double.MAX_VALUE);
      default -> new NumberLimits(type, 0, 1, 1);
    };
  }

  /** Whether the type has fractions at all. */
  public boolean isFloatingPoint() {
    return digits > 0;
  }

  /** Up to where every whole number is exact, so that one can count. */
  public double countsTo() {
    return Math.scalb(1.0, digits);
  }

  /** The number below which squares are 0 in this type. */
  public double smallestRoot() {
    return Math.sqrt(smallest);
  }

  /** The smallest number with all digits. */
  public double smallestNormal() {
    return Math.scalb(smallest, digits - 1);
  }

  /**
   * The largest β of a mean β·mean + (1 − β)·x that is right to a sixteenth: one step of it is 16
   * roundings. Step counts stop at {@link #countsTo} by adding 1 to themselves; with such a β, 1 −
   * βᵗ is 1 to a rounding there.
   */
  public double largestBeta() {
    return 1 - ROUNDINGS / countsTo();
  }

  /**
   * The smallest ε that bounds an update by η where the second moment vanishes: as large as the
   * gradients whose (1 − β)g² is 0.
   *
   * @param beta decay rate of the second moment
   */
  public double smallestEpsilon(double beta) {
    return Math.sqrt(smallest / (1 - beta));
  }

  /**
   * Refuses a type that an optimizer's state cannot be kept in.
   *
   * @param owner the optimizer, for the message
   * @throws IllegalArgumentException unless the type is FLOAT or DOUBLE; says what to do
   */
  public void requireHoldsStateOf(String owner) {
    if (!isFloatingPoint()) {
      throw new IllegalArgumentException(
          "state of " + owner + " is " + type + ", expected FLOAT or DOUBLE");
    }
    if (digits < FLOAT_DIGITS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "state of %s is %s, expected FLOAT or DOUBLE: in %s squares of gradients below %.1e"
                  + " are 0, steps are counted to %.0f only and means with a beta above %.3f hardly"
                  + " move; build the network with dataType(DataType.FLOAT), or turn a trained one"
                  + " into network.convertDataType(DataType.FLOAT)",
              owner,
              name(),
              name(),
              smallestRoot(),
              countsTo(),
              largestBeta()));
    }
  }

  private String name() {
    return type == DataType.FLOAT16 ? "HALF (FLOAT16)" : type.name();
  }

  /**
   * Refuses a decay rate so near to 1 that a mean in this type does not follow it.
   *
   * @throws IllegalArgumentException if it is above {@link #largestBeta}
   */
  public void requireBeta(String name, double beta) {
    if (beta > largestBeta()) {
      throw new IllegalArgumentException(
          name
              + " = "
              + beta
              + ", expected at most "
              + largestBeta()
              + " where the state is "
              + type
              + ", in which a mean would not move");
    }
  }

  /**
   * Refuses an ε that is lost in this type.
   *
   * @param smallest what is expected at least
   * @throws IllegalArgumentException if it is smaller
   */
  public void requireEpsilon(double epsilon, double smallest) {
    if (epsilon < smallest) {
      throw new IllegalArgumentException(
          "epsilon = "
              + epsilon
              + ", expected at least "
              + smallest
              + " where the state is "
              + type
              + ", in which squares of gradients that small are 0");
    }
  }

  /**
   * An array to compute in: itself, or a copy in FLOAT where its type has fewer digits. What is
   * computed is to be assigned back, which rounds once.
   *
   * @param what names it in the message
   * @throws IllegalArgumentException if it has no fractions
   */
  public static INDArray widened(String what, INDArray array) {
    NumberLimits limits = of(array.dataType());
    if (!limits.isFloatingPoint()) {
      throw new IllegalArgumentException(
          what + " is " + limits.type + ", expected a floating point type");
    }
    return limits.digits < FLOAT_DIGITS ? array.castTo(DataType.FLOAT) : array;
  }
}
