package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Locale;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.Records;
import org.agr4j.train.Progress;
import org.agr4j.train.SmallRuns;
import org.junit.jupiter.api.Test;

class DisplayTest {
  private static final EpochRecord THIRD = Records.of(3, 1.5, 2, .25, .5, 99.5, 60, 5);

  private static String line(int epochs) {
    StringWriter out = new StringWriter();
    Display display = new LineDisplay(new PrintWriter(out));
    display.step(new Progress(3, epochs, 8, 8, "images", 1.5, 99.5, Duration.ofSeconds(3723)));
    display.epochEnd(THIRD, SmallRuns.task());
    return out.toString();
  }

  @Test
  void anEpochsLineSaysHowFarTheRunIs() {
    assertEquals(
        "epoch 3/8: train loss 1.500, test loss 2.000, top-1 25.0%, top-5 50.0%, 99.5 images/s,"
            + " 1:05, 1:02:03 left\n",
        line(8));
    assertTrue(line(3).endsWith("images/s, 1:05\n"), "nothing is left after the last");
  }

  @Test
  void numbersHaveOneFormEverywhere() {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try {
      Locale.setDefault(Locale.Category.FORMAT, Locale.GERMANY);
      Outcome.agr("train", "--data=synthetic", "--dataset=cifar10", "--limit-train=50001")
          .refused(1, "50001");
      assertEquals("1,000.5", "%,.1f".formatted(1000.5));
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }
}
