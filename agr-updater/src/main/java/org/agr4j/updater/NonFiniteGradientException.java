package org.agr4j.updater;

/**
 * A tensor's gradient holds a NaN or an infinity under {@link NonFinite#FAIL}.
 *
 * <p>Thrown before the state of any tensor of the block changes, so training can go on from here
 * with another batch.
 */
public class NonFiniteGradientException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message names the tensor, the iteration and the epoch
   */
  public NonFiniteGradientException(String message) {
    super(message);
  }
}
