package org.agr4j.spark;

import java.time.Duration;
import org.agr4j.input.BadInputException;

/** Ends a run on a cluster that trained nothing for longer than {@code --stall-timeout}. */
public class StalledException extends BadInputException {
  private static final long serialVersionUID = 1L;

  StalledException(Duration patience) {
    super(
        ("no image was trained on for %d seconds (--stall-timeout): a worker was lost, has not "
                + "started, or cannot be reached")
            .formatted(patience.toSeconds()));
  }

  StalledException(StalledException cause, String more) {
    super(cause.getMessage() + "; " + more, cause);
  }
}
