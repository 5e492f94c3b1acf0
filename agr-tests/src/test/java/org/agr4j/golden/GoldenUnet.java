package org.agr4j.golden;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agr4j.diffusion.NoiseSchedule;
import org.agr4j.diffusion.Sampler;
import org.agr4j.diffusion.SamplingPath;
import org.agr4j.zoo.DiffusionUnet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** The U-Net of diffusion and its DDIM steps beside the numbers that PyTorch computed for them. */
final class GoldenUnet extends GoldenComparison {
  private static final Pattern STAGE = Pattern.compile("(down|middle|up)(\\d+)(?:\\.block(\\d+))?");

  private final DataType type;
  private final ComputationGraph network;
  private final NoiseSchedule schedule;

  GoldenUnet(String name, Map<String, INDArray> arrays, DataType type) {
    super(name, arrays);
    this.type = type;
    GoldenConfig config = new GoldenConfig(arrays);
    int side = config.one("side");
    network =
        DiffusionUnet.builder()
            .inputShape((int) arrays.get("input").size(1), side, side)
            .width(config.one("width"))
            .multipliers(config.all("multipliers"))
            .attentionLevels(config.all("attention_levels"))
            .blocks(config.one("res_blocks"))
            .groups(config.one("groups"))
            .dropout(0)
            .updater(new NoOp())
            .dataType(type)
            .build()
            .init();
    schedule = NoiseSchedule.linear(config.one("steps"));
    List<String> missing = new ArrayList<>(network.paramTable().keySet());
    for (String key : arrays.keySet()) {
      if (key.startsWith("param/")) {
        GoldenTensor tensor = tensor(key.substring(6));
        tensor.set(arrays.get(key));
        missing.remove(tensor.parameter());
      }
    }
    if (!missing.isEmpty()) {
      throw new AssertionError(name + ": the file has no values for " + missing);
    }
  }

  private GoldenTensor tensor(String golden) {
    String ours =
        golden.replaceAll("^head\\.weight$", "head_W").replaceAll("^head\\.bias$", "head_b");
    return ours.equals(golden)
        ? GoldenTensor.of(golden, network)
        : new GoldenTensor(ours, network.paramTable().get(ours));
  }

  private INDArray[] features() {
    INDArray times = arrays.get("t").reshape(-1, 1);
    return new INDArray[] {arrays.get("input").castTo(type), times.castTo(type)};
  }

  private MultiDataSet batch() {
    INDArray noise = arrays.get("noise").castTo(type);
    return new MultiDataSet(features(), new INDArray[] {noise.reshape('c', noise.size(0), -1)});
  }

  @Override
  GoldenUnet compare() {
    INDArray noised = arrays.get("x0").dup();
    schedule.addNoise(noised, arrays.get("noise"), arrays.get("t").toIntVector());
    output("input", noised, arrays.get("input"));
    Map<String, INDArray> found = network.feedForward(features(), true);
    output("time", found.get("time2"), arrays.get("time"));
    output("head", images(found.get("head")), arrays.get("head"));
    output("output", found.get("output"), arrays.get("output"));
    for (String key : arrays.keySet()) {
      Matcher stage = STAGE.matcher(key);
      if (stage.matches()) {
        output(key, images(found.get(vertex(stage))), arrays.get(key));
      }
    }
    output("score", Nd4j.scalar(network.score(batch())), arrays.get("loss"));
    compareGradients();
    compareSampling();
    return this;
  }

  private static INDArray images(INDArray positions) {
    return positions.permute(0, 3, 1, 2);
  }

  private static String vertex(Matcher stage) {
    String level = stage.group(1) + "." + (Integer.parseInt(stage.group(2)) - 1);
    if (stage.group(3) != null) {
      return level + ".blocks." + (Integer.parseInt(stage.group(3)) - 1);
    }
    return stage.group(1).equals("middle") ? level : level + ".resample";
  }

  private void compareGradients() {
    MultiDataSet batch = batch();
    InputGradient inputGradient = InputGradient.capture(network);
    network.setInputs(batch.getFeatures());
    network.setLabels(batch.getLabels());
    network.computeGradientAndScore();
    output("loss", Nd4j.scalar(network.score()), arrays.get("loss"));
    Map<String, INDArray> found = network.gradient().gradientForVariable();
    for (String key : arrays.keySet()) {
      if (key.equals("grad/input")) {
        INDArray mean = inputGradient.value().div(batch.getFeatures(0).size(0));
        gradient(key, mean, arrays.get(key));
      } else if (key.startsWith("grad/")) {
        GoldenTensor tensor = tensor(key.substring(5));
        // DL4J divides by the number of examples when it updates.
        INDArray mean = found.get(tensor.parameter()).div(batch.getFeatures(0).size(0));
        gradient(key, tensor.asGolden(mean, arrays.get(key)), arrays.get(key));
      }
    }
  }

  private void compareSampling() {
    int[] times = arrays.get("ddim/times").toIntVector();
    SamplingPath path = SamplingPath.ddim(schedule, times.length, 0);
    INDArray x = arrays.get("ddim/start").castTo(type).dup();
    double[] ours = new double[times.length];
    double[] previous = new double[times.length];
    for (int step = 0; step < times.length; step++) {
      int last = times.length - 1 - step;
      ours[last] = path.time(step);
      previous[last] = path.next(step);
      path.step(step, x, Sampler.predicted(network, x, path.time(step)), null);
      String key = "ddim/step" + (step + 1);
      output(key, x, arrays.get(key));
    }
    output("ddim/times", Nd4j.createFromArray(ours), arrays.get("ddim/times"));
    output("ddim/previous", Nd4j.createFromArray(previous), arrays.get("ddim/previous"));
  }

  @Override
  Set<String> inputs() {
    return Set.of("x0", "noise", "t", "ddim/start");
  }
}
