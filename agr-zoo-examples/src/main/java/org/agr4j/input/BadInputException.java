package org.agr4j.input;

/**
 * Refuses what a user gave and cannot be used. The message is one line for that user: the thing,
 * the value found and the value expected.
 */
public class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes a refusal of one line.
   *
   * @param message one line
   */
  public BadInputException(String message) {
    super(message);
  }

  /**
   * A refusal with the error behind it.
   *
   * @param message one line
   * @param cause what went wrong underneath
   */
  public BadInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
