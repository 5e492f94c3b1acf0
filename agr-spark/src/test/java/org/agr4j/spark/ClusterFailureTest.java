package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.agr4j.input.BadInputException;
import org.agr4j.train.DivergedException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class ClusterFailureTest {
  @Test
  void findsOurOwnExceptionBehindOthers() {
    BadInputException own = new BadInputException("a batch file");
    assertSame(
        own, ClusterFailure.explain(new RuntimeException(new RuntimeException(own)), "resume"));
  }

  @Test
  void findsItInTheTextOfAStackTrace() {
    SparkException failure =
        new SparkException(
            "Job aborted due to stage failure: Task 0 failed 4 times, most recent failure: Lost task"
                + " 0.3\njava.lang.RuntimeException: Error loading DataSet\n\tat x\nCaused by: "
                + "org.agr4j.input.BadInputException: the batch file X is cut off, expected\n\tat y");
    assertEquals(
        "the batch file X is cut off, expected",
        ClusterFailure.explain(failure, "resume").getMessage());
  }

  @Test
  void aNanOnAWorkerIsDivergence() {
    SparkException failure =
        new SparkException(
            "Job aborted\norg.agr4j.updater.NonFiniteGradientException: gradient of tensor 3\n\tat");
    DivergedException diverged =
        assertInstanceOf(DivergedException.class, ClusterFailure.explain(failure, "resume"));
    assertEquals(
        "training diverged: gradient of tensor 3; lower --learning-rate", diverged.getMessage());
  }

  @Test
  void othersAreOneLine() {
    assertEquals(
        "the cluster could not go on: Job 3 cancelled; resume",
        ClusterFailure.explain(new SparkException("Job 3 cancelled\n\tat a\n\tat b"), "resume")
            .getMessage());
    assertEquals(
        "the cluster could not go on: java.lang.NullPointerException; resume",
        ClusterFailure.explain(new NullPointerException(), "resume").getMessage());
  }
}
