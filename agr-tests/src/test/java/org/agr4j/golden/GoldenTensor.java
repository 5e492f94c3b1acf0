package org.agr4j.golden;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A tensor of ours and its name and layout in the files: dense weights [out, in], convolutions
 * [out, in, height, width], depthwise ones [channels, 1, height, width].
 *
 * @param parameter DL4J's name, LAYER_TENSOR
 * @param value the tensor in the network
 */
record GoldenTensor(String parameter, INDArray value) {
  private static final Map<String, String> ENDS =
      Map.of(
          "weight", "W",
          "bias", "b",
          "running_mean", "mean",
          "running_var", "var",
          "bias_table", "table",
          "layer_scale", "scale");

  /** The tensor that the files call so. */
  static GoldenTensor of(String name, ComputationGraph network) {
    String golden = name.startsWith("head.") ? "output" + name.substring(4) : name;
    String[] parts = golden.split("\\.");
    String end = parts[parts.length - 1];
    if (end.equals("layer_scale")) {
      return found(name, golden + "_scale", network);
    }
    for (int split = parts.length - 1; split > 0; split--) {
      String layer = String.join(".", Arrays.copyOf(parts, split));
      if (network.getVertex(layer) == null) {
        continue;
      }
      StringBuilder key = new StringBuilder();
      for (int i = split; i < parts.length - 1; i++) {
        key.append(parts[i]).append('.');
      }
      String weight = layer + "_" + key + ENDS.get(end);
      String norm = layer + "_" + key + (end.equals("weight") ? "gamma" : "beta");
      return found(name, network.paramTable().containsKey(weight) ? weight : norm, network);
    }
    throw new AssertionError("the network has no layer for " + name);
  }

  private static GoldenTensor found(String name, String parameter, ComputationGraph network) {
    INDArray value = network.paramTable().get(parameter);
    if (value == null) {
      throw new AssertionError("the network has no " + parameter + " for " + name);
    }
    return new GoldenTensor(parameter, value);
  }

  /** Gives our tensor the values of a file's. */
  void set(INDArray golden) {
    if (golden.length() != value.length()) {
      throw new AssertionError(
          parameter + " has " + value.length() + " elements, the file's " + golden.length());
    }
    INDArray view = view(value, golden);
    view.assign(golden.reshape(view.shape()));
  }

  /** One of our arrays in the file's layout. */
  INDArray asGolden(INDArray ours, INDArray golden) {
    return view(ours, golden);
  }

  private static INDArray view(INDArray ours, INDArray golden) {
    if (ours.rank() == 2) { // a dense layer, which may be a 1×1 convolution there, or a table
      boolean table = ours.ordering() == 'c' && Arrays.equals(ours.shape(), golden.shape());
      return table ? ours : ours.transpose();
    }
    if (golden.rank() == 4) {
      boolean depthwise =
          golden.size(1) == 1 && ours.size(3) == 1 && ours.size(2) == golden.size(0);
      return depthwise ? ours.permute(2, 3, 0, 1) : ours.permute(0, 3, 1, 2);
    }
    return ours;
  }
}
