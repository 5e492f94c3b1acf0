package org.agr4j.golden;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.agr4j.zoo.ImageNetworkBuilder;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A network of the zoo beside the numbers an independent implementation computed for it:
 * parameters, input, output of every stage, loss and the gradient of every parameter.
 */
final class GoldenNetwork {
  private final String name;
  private final Map<String, INDArray> arrays;
  private final GoldenFamily family;
  private final ComputationGraph network;
  private final DataType type;
  private final Map<String, Double> outputs = new LinkedHashMap<>();
  private final Map<String, Double> gradients = new LinkedHashMap<>();
  private double largestGradient;

  private GoldenNetwork(
      String name, Map<String, INDArray> arrays, GoldenFamily family, DataType type) {
    this.name = name;
    this.arrays = arrays;
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

  /** The network of a file, or null if the zoo does not have its kind. */
  static GoldenNetwork read(File file, DataType type) throws Exception {
    Map<String, INDArray> arrays = Nd4j.createFromNpzFile(file);
    GoldenFamily family = GoldenFamily.of(arrays.keySet());
    String name = file.getName().replace(".npz", "");
    return family == null ? null : new GoldenNetwork(name, arrays, family, type);
  }

  /** Runs forward and backward pass and notes how far every array is off. */
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

  private double config(String key) {
    return arrays.get("config/" + key).getDouble(0);
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
    for (String key : arrays.keySet()) {
      if (key.startsWith("grad/")) {
        largestGradient = Math.max(largestGradient, arrays.get(key).amaxNumber().doubleValue());
      }
    }
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

  private void output(String key, INDArray found, INDArray golden) {
    outputs.put(key, error(key, found, golden, 0));
  }

  private void gradient(String key, INDArray found, INDArray golden) {
    // Some gradients are zero but for rounding, see the README of the numbers.
    gradients.put(key, error(key, found, golden, 1e-3 * largestGradient));
  }

  /** Largest difference over the largest golden value, or over {@code least} if that is more. */
  private static double error(String key, INDArray found, INDArray golden, double least) {
    if (found == null) {
      throw new AssertionError("nothing was found for " + key);
    }
    INDArray ours = found.castTo(DataType.DOUBLE);
    if (ours.length() != golden.length()) {
      throw new AssertionError(
          key
              + " has shape "
              + Arrays.toString(ours.shape())
              + ", expected "
              + Arrays.toString(golden.shape()));
    }
    INDArray difference = ours.dup('c').reshape(golden.shape()).sub(golden);
    double scale = Math.max(golden.amaxNumber().doubleValue(), least);
    double error = difference.amaxNumber().doubleValue() / scale;
    boolean finite = !difference.isNaN().any() && !difference.isInfinite().any();
    return finite ? error : Double.POSITIVE_INFINITY;
  }

  /** The line that is printed for each file. */
  String line() {
    return String.format(
        "GOLDEN %s: outputs %.0e, gradients %.0e", name, worst(outputs), worst(gradients));
  }

  private static double worst(Map<String, Double> errors) {
    return errors.values().stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
  }

  /** The arrays that are further off than that, with how far. */
  Map<String, Double> beyond(double tolerance) {
    Map<String, Double> beyond = new LinkedHashMap<>(outputs);
    beyond.putAll(gradients);
    beyond.values().removeIf(error -> error <= tolerance);
    return beyond;
  }

  /** Arrays of the file that were neither used nor compared: there should be none. */
  Set<String> left() {
    Set<String> left = new TreeSet<>(arrays.keySet());
    left.removeAll(outputs.keySet());
    left.removeAll(gradients.keySet());
    left.removeAll(Set.of("input", "labels"));
    left.removeIf(key -> key.matches("(config|param|buffer)/.*"));
    return left;
  }

  /** A layer that notes the gradient of the network's input. */
  private static final class InputGradient extends BaseWrapperLayer {
    private static final long serialVersionUID = 1L;
    private transient INDArray value;

    private InputGradient(Layer first) {
      super(first);
    }

    static InputGradient capture(ComputationGraph network) {
      String input = network.getConfiguration().getNetworkInputs().get(0);
      for (Map.Entry<String, List<String>> vertex :
          network.getConfiguration().getVertexInputs().entrySet()) {
        if (vertex.getValue().equals(List.of(input))) {
          LayerVertex first = (LayerVertex) network.getVertex(vertex.getKey());
          InputGradient capture = new InputGradient(first.getLayer());
          first.setLayer(capture);
          return capture;
        }
      }
      throw new AssertionError("no layer reads the input");
    }

    INDArray value() {
      return value;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(
        INDArray epsilon, LayerWorkspaceMgr workspaces) {
      Pair<Gradient, INDArray> gradient = underlying.backpropGradient(epsilon, workspaces);
      value = gradient.getSecond().detach();
      return gradient;
    }
  }
}
