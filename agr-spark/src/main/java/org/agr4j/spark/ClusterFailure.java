package org.agr4j.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agr4j.input.BadInputException;
import org.agr4j.train.DivergedException;
import org.agr4j.updater.NonFiniteGradientException;

/**
 * Finds out why a job failed. What an executor threw arrives as an exception where it can be sent,
 * and otherwise as a stack trace in a message.
 */
final class ClusterFailure {
  private static final Pattern BAD_INPUT =
      Pattern.compile(Pattern.quote(BadInputException.class.getName()) + ": (.*)");
  private static final Pattern NON_FINITE =
      Pattern.compile(Pattern.quote(NonFiniteGradientException.class.getName()) + ": (.*)");

  private ClusterFailure() {}

  /**
   * The reason in one line.
   *
   * @param failure what the job ended with
   * @param advice what to do where the reason is none of ours
   */
  static BadInputException explain(Throwable failure, String advice) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof BadInputException known) {
        return known;
      }
    }
    for (Throwable t = failure; t != null; t = t.getCause()) {
      Matcher bad = BAD_INPUT.matcher(t.toString());
      if (bad.find()) {
        return new BadInputException(bad.group(1), failure);
      }
      Matcher nonFinite = NON_FINITE.matcher(t.toString());
      if (nonFinite.find()) {
        return new DivergedException(
            "training diverged: " + nonFinite.group(1) + "; lower --learning-rate");
      }
    }
    String first = failure.getMessage() == null ? "" : failure.getMessage().strip();
    return new BadInputException(
        "the cluster could not go on: %s; %s"
            .formatted(first.lines().findFirst().orElse(failure.toString()), advice),
        failure);
  }
}
