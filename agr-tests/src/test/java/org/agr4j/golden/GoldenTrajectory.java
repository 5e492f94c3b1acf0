package org.agr4j.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.agr4j.regularization.ProximalWeightDecay;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * One reference trajectory: parameters after each step, computed in float64 by PyTorch's AdamW and
 * the original Adan (AGR off, and Ψ applied to the gradient), and by a NumPy reference that equals
 * those (Ψ in the first moment).
 *
 * @param name what the case is, for the test report
 * @param updater the configuration
 * @param decay the weight decay that belongs to it, or an empty list
 * @param shapes shape of each tensor
 * @param initial [tensor][element], row-major
 * @param gradients [step][tensor][element]
 * @param parameters [step][tensor][element], after the step
 */
record GoldenTrajectory(
    String name,
    IUpdater updater,
    List<Regularization> decay,
    long[][] shapes,
    double[][] initial,
    double[][][] gradients,
    double[][][] parameters) {

  static List<GoldenTrajectory> all() {
    ObjectMapper json = new ObjectMapper();
    try (InputStream in =
        new GZIPInputStream(
            GoldenTrajectory.class.getResourceAsStream("/golden/trajectories.json.gz"))) {
      JsonNode cases = json.readTree(in).get("cases");
      return StreamSupport.stream(cases.spliterator(), false).map(c -> read(json, c)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static GoldenTrajectory read(ObjectMapper json, JsonNode c) {
    JsonNode h = c.get("hyperparameters");
    AgrMode mode = AgrMode.valueOf(c.get("agr").asText().toUpperCase());
    boolean adan = c.get("optimizer").asText().equals("adan");
    IUpdater updater =
        adan
            ? AdanAgr.builder()
                .learningRate(h.get("lr").asDouble())
                .beta1(h.get("b1").asDouble())
                .beta2(h.get("b2").asDouble())
                .beta3(h.get("b3").asDouble())
                .epsilon(h.get("eps").asDouble())
                .agrMode(mode)
                .build()
            : AdamWAgr.builder()
                .learningRate(h.get("lr").asDouble())
                .beta1(h.get("b1").asDouble())
                .beta2(h.get("b2").asDouble())
                .epsilon(h.get("eps").asDouble())
                .agrMode(mode)
                .build();
    double weightDecay = h.get("wd").asDouble();
    boolean proximal = adan && !h.get("no_prox").asBoolean();
    List<Regularization> decay =
        weightDecay == 0
            ? List.of()
            : List.of(
                proximal
                    ? new ProximalWeightDecay(weightDecay)
                    : new DecoupledWeightDecay(weightDecay));
    long[][] shapes = json.convertValue(c.get("shapes"), long[][].class);
    return new GoldenTrajectory(
        c.get("optimizer").asText() + " " + mode + " " + c.get("shapes") + " " + h,
        updater,
        decay,
        shapes,
        json.convertValue(c.get("initial"), double[][].class),
        json.convertValue(c.get("gradients"), double[][][].class),
        json.convertValue(c.get("parameters"), double[][][].class));
  }

  @Override
  public String toString() {
    return name;
  }
}
