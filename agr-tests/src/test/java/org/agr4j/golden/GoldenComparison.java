package org.agr4j.golden;

import java.io.File;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** How far a network's arrays are from those of a file. */
abstract class GoldenComparison {
  final String name;
  final Map<String, INDArray> arrays;
  private final Map<String, Double> outputs = new LinkedHashMap<>();
  private final Map<String, Double> gradients = new LinkedHashMap<>();
  private final double largestGradient;

  GoldenComparison(String name, Map<String, INDArray> arrays) {
    this.name = name;
    this.arrays = arrays;
    double largest = 0;
    for (Map.Entry<String, INDArray> array : arrays.entrySet()) {
      if (array.getKey().startsWith("grad/")) {
        largest = Math.max(largest, array.getValue().amaxNumber().doubleValue());
      }
    }
    largestGradient = largest;
  }

  /** The network of a file, or null if the zoo does not have its kind. */
  static GoldenComparison read(File file, DataType type) throws Exception {
    Map<String, INDArray> arrays = Nd4j.createFromNpzFile(file);
    String name = file.getName().replace(".npz", "");
    if (arrays.containsKey("param/embed1.weight")) {
      return new GoldenAlbert(name, arrays, type);
    }
    if (arrays.containsKey("param/out_conv.weight")) {
      return new GoldenUnet(name, arrays, type);
    }
    GoldenFamily family = GoldenFamily.of(arrays.keySet());
    return family == null ? null : new GoldenNetwork(name, arrays, family, type);
  }

  /** Runs forward and backward pass and notes how far every array is off. */
  abstract GoldenComparison compare();

  /** Arrays that the network is given. */
  abstract Set<String> inputs();

  final double config(String key) {
    return arrays.get("config/" + key).getDouble(0);
  }

  final void output(String key, INDArray found, INDArray golden) {
    outputs.put(key, error(key, found, golden, 0));
  }

  final void gradient(String key, INDArray found, INDArray golden) {
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
    left.removeAll(inputs());
    left.removeIf(key -> key.matches("(config|param|buffer)/.*"));
    return left;
  }
}
