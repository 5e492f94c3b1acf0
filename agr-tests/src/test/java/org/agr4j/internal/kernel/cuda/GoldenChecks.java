package org.agr4j.internal.kernel.cuda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;

/** The reference trajectories, all tensors of a case as one block; the decay is the host's. */
final class GoldenChecks {
  private static final int CASES = 45;

  private GoldenChecks() {}

  static void follow(RawDevice device) {
    ObjectMapper json = new ObjectMapper();
    try (InputStream in =
        new GZIPInputStream(
            GoldenChecks.class.getResourceAsStream("/golden/trajectories.json.gz"))) {
      int count = 0;
      for (JsonNode c : json.readTree(in).get("cases")) {
        follow(device, Element.DOUBLE, json, c, 1e-10);
        follow(device, Element.FLOAT, json, c, 1e-5);
        count++;
      }
      if (count != CASES) {
        throw new AssertionError(count + " reference trajectories, expected " + CASES);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void follow(
      RawDevice device, Element type, ObjectMapper json, JsonNode c, double relative) {
    JsonNode h = c.get("hyperparameters");
    boolean adan = c.get("optimizer").asText().equals("adan");
    String agr = c.get("agr").asText();
    StepNumbers numbers =
        new StepNumbers(
            h.get("lr").asDouble(),
            h.get("b1").asDouble(),
            h.get("b2").asDouble(),
            adan ? h.get("b3").asDouble() : 0,
            h.get("eps").asDouble(),
            agr.equals("off") ? 0 : 1,
            agr.equals("all_moments"),
            0,
            true,
            false);
    double decay = numbers.learningRate() * h.get("wd").asDouble();
    boolean proximal = adan && !h.get("no_prox").asBoolean();
    double[][] initial = json.convertValue(c.get("initial"), double[][].class);
    double[][][] gradients = json.convertValue(c.get("gradients"), double[][][].class);
    double[][][] expected = json.convertValue(c.get("parameters"), double[][][].class);
    long[] lengths = new long[initial.length];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = initial[i].length;
    }
    double[] parameters = flat(initial);
    try (GuardedBlock block =
        new GuardedBlock(device, type, adan ? Optimizer.ADAN : Optimizer.ADAMW, 1, lengths)) {
      for (int step = 0; step < gradients.length; step++) {
        block.set(0, flat(gradients[step]));
        block.step(numbers, 0);
        double[] update = block.row(0);
        double[] after = flat(expected[step]);
        for (int i = 0; i < parameters.length; i++) {
          parameters[i] =
              proximal
                  ? (parameters[i] - update[i]) / (1 + decay)
                  : parameters[i] * (1 - decay) - update[i];
          if (type == Element.FLOAT) {
            parameters[i] = (float) parameters[i];
          }
          double tolerance = relative * Math.max(Math.abs(after[i]), 0.01);
          if (!(Math.abs(after[i] - parameters[i]) <= tolerance)) {
            throw new AssertionError(
                String.format(
                    "%s %s %s, %s, step %d, element %d is %s, expected %s",
                    c.get("optimizer"), agr, h, type, step, i, parameters[i], after[i]));
          }
        }
      }
    }
  }

  private static double[] flat(double[][] tensors) {
    return java.util.Arrays.stream(tensors).flatMapToDouble(java.util.Arrays::stream).toArray();
  }
}
