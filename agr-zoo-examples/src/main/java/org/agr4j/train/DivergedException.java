package org.agr4j.train;

import org.agr4j.input.BadInputException;

/** Ends a run whose loss became NaN or infinite. */
public class DivergedException extends BadInputException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message where it happened and what to change, one line
   */
  public DivergedException(String message) {
    super(message);
  }
}
