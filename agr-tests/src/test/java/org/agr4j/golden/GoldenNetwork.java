package org.agr4j.golden;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.agr4j.zoo.ImageNetworkBuilder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A network of the zoo beside the numbers an independent implementation computed for it:
 * parameters, input, output of every stage, loss and the gradient of every parameter.
 */
final class GoldenNetwork extends GoldenComparison {
  private final GoldenFamily family;
  private final ComputationGraph network;
  private final DataType type;

  GoldenNetwork(String name, Map<String, INDArray> arrays, GoldenFamily family, DataType type) {
    super(name, arrays);
    this.family = family;
    this.type = type;
    ImageNetworkBuilder builder = family.builder(new GoldenConfig(arrays));
    int side = (int) arrays.get("config/side").getDouble(0);
    network =
        builder
            .inputShape((int) arrays.get("input").size(1), side, side)
            .numClasses((int) arrays.get("config/classes").getDouble(0))
            .dataType(type)
            .updater(new NoOp())
            .build()
            .init();
  }

  @Override
  GoldenNetwork compare() {
    setParameters();
    INDArray input = arrays.get("input").castTo(type);
    Map<String, INDArray> training = network.feedForward(input, true);
    compareStages(training, "");
    if (arrays.containsKey("eval/logits")) {
      compareStages(network.feedForward(input, false), "eval/");
      double loss = network.score(new DataSet(input, oneHot()), false);
      output("eval/loss", Nd4j.scalar(loss), arrays.get("eval/loss"));
    }
    InputGradient inputGradient = InputGradient.capture(network);
    network.setInputs(input);
    network.setLabels(oneHot());
    network.computeGradientAndScore();
    output("loss", Nd4j.scalar(network.score()), arrays.get("loss"));
    compareGradients(inputGradient);
    return this;
  }

  private void setParameters() {
    List<String> missing = new ArrayList<>(network.paramTable().keySet());
    for (String key : arrays.keySet()) {
      if (key.startsWith("param/") || key.startsWith("buffer/")) {
        GoldenTensor tensor = GoldenTensor.of(key.substring(key.indexOf('/') + 1), network);
        tensor.set(arrays.get(key));
        missing.remove(tensor.parameter());
      }
    }
    if (!missing.isEmpty()) {
      throw new AssertionError(name + ": the file has no values for " + missing);
    }
  }

  private INDArray oneHot() {
    INDArray labels = arrays.get("labels");
    INDArray hot = Nd4j.zeros(type, labels.length(), (long) config("classes"));
    for (int i = 0; i < labels.length(); i++) {
      hot.putScalar(i, labels.getLong(i), 1);
    }
    return hot;
  }

  private void compareStages(Map<String, INDArray> found, String prefix) {
    for (Map.Entry<String, INDArray> entry : new TreeMap<>(arrays).entrySet()) {
      String key = entry.getKey();
      if (!key.startsWith(prefix) || key.substring(prefix.length()).contains("/")) {
        continue;
      }
      String vertex = family.vertex(key.substring(prefix.length()), network);
      if (vertex != null) {
        output(key, like(found.get(vertex), entry.getValue()), entry.getValue());
      }
    }
    INDArray features = found.get(family.vertex("features", network));
    INDArray logits =
        features.mmul(network.getParam("output_W")).addiRowVector(network.getParam("output_b"));
    output(prefix + "logits", logits, arrays.get(prefix + "logits"));
    INDArray probabilities = Nd4j.nn().softmax(arrays.get(prefix + "logits"), 1);
    output(prefix + "probabilities", found.get("output"), probabilities);
  }

  /** Ours are [N, H, W, C]. */
  private static INDArray like(INDArray ours, INDArray golden) {
    if (ours.rank() != 4) {
      return ours;
    }
    return golden.rank() == 4
        ? ours.permute(0, 3, 1, 2)
        : ours.reshape(ours.size(0), ours.size(1) * ours.size(2), ours.size(3));
  }

  private void compareGradients(InputGradient inputGradient) {
    long samples = arrays.get("input").size(0);
    Map<String, INDArray> found = network.gradient().gradientForVariable();
    for (String key : arrays.keySet()) {
      if (key.equals("grad/input")) {
        gradient(key, inputGradient.value().div(samples), arrays.get(key));
      } else if (key.startsWith("grad/")) {
        GoldenTensor tensor = GoldenTensor.of(key.substring(5), network);
        // DL4J divides by the number of examples when it updates.
        INDArray mean = found.get(tensor.parameter()).div(samples);
        gradient(key, tensor.asGolden(mean, arrays.get(key)), arrays.get(key));
      } else if (key.startsWith("buffer_after/")) {
        GoldenTensor tensor = GoldenTensor.of(key.substring(13), network);
        INDArray after = network.getParam(tensor.parameter()).sub(found.get(tensor.parameter()));
        output(key, tensor.asGolden(after, arrays.get(key)), arrays.get(key));
      }
    }
  }

  @Override
  Set<String> inputs() {
    return Set.of("input", "labels");
  }
}
