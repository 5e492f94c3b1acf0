package org.agr4j.diffusion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import onnx.Onnx;
import org.agr4j.input.BadInputException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a network in an ONNX file makes of images, for example an Inception network's pooled
 * features: with it, distance and score are the published FID and IS as far as the file is the
 * published network. It is computed by ONNX Runtime, through nd4j-onnxruntime, which is an optional
 * dependency.
 *
 * <p>The file has one input of floats [N, 3, height, width], N of any value. Images are brought to
 * its height and width by bilinear interpolation ({@link BilinearResizing}) unless those are of any
 * value, too, and to its range. Its first output are features [N, features]; a second one, if there
 * is one, probabilities [N, classes] whose rows sum to 1. The file is one: weights in files beside
 * it are not read.
 */
public final class OnnxFeatures implements ImageFeatures {
  /** What the names of such files end with. */
  public static final String ENDING = ".onnx";

  /** Values of black and white as Inception networks take them. */
  public static final List<Double> USUAL_RANGE = List.of(-1.0, 1.0);

  private static final double SUM_TOLERANCE = 1e-3;
  private static final int RANK_OF_IMAGES = 4;

  private final Path file;
  private final double black;
  private final double white;
  private final String digest;
  private final OnnxSession session;
  private final long[] shape; // of the input; numbers below 1 stand for any
  private final int outputs;
  private int count; // −1 until images of a size that the network takes were seen

  private OnnxFeatures(
      Path file,
      double black,
      double white,
      String digest,
      OnnxSession session,
      long[] shape,
      int outputs) {
    this.file = file;
    this.black = black;
    this.white = white;
    this.digest = digest;
    this.session = session;
    this.shape = shape;
    this.outputs = outputs;
  }

  /** Whether a file is of this kind, by its name. */
  public static boolean isOnnx(String file) {
    return file.endsWith(ENDING);
  }

  /**
   * Reads a network.
   *
   * @param file ONNX, all in one file
   * @param range the values of black and white that it takes, two numbers
   * @throws BadInputException in one line, if it is no such network, or ONNX Runtime is not there
   */
  public static OnnxFeatures open(Path file, List<Double> range) {
    Onnx.GraphProto graph = read(file).getGraph();
    if (graph.getNodeCount() == 0) {
      throw new BadInputException(file + " is no network in ONNX, expected one with nodes");
    }
    Set<String> constants =
        graph.getInitializerList().stream()
            .map(Onnx.TensorProto::getName)
            .collect(Collectors.toSet());
    if (graph.getInitializerList().stream()
        .anyMatch(t -> t.getDataLocation() == Onnx.TensorProto.DataLocation.EXTERNAL)) {
      throw new BadInputException(
          file + " has weights in other files, expected all of the network in one");
    }
    List<Onnx.ValueInfoProto> inputs =
        graph.getInputList().stream().filter(in -> !constants.contains(in.getName())).toList();
    if (inputs.size() != 1) {
      throw new BadInputException(
          "%s has %d inputs, expected one: images [N, 3, height, width]"
              .formatted(file, inputs.size()));
    }
    long[] shape = inputShape(file, inputs.get(0));
    int outputs = graph.getOutputCount();
    if (outputs < 1 || outputs > 2) {
      throw new BadInputException(
          "%s has %d outputs, expected features, or features and probabilities"
              .formatted(file, outputs));
    }
    for (Onnx.ValueInfoProto output : graph.getOutputList()) {
      Onnx.TypeProto.Tensor type = output.getType().getTensorType();
      if (type.hasShape() && type.getShape().getDimCount() != 2) {
        throw wrongOutput(file, output.getName(), Arrays.toString(dimensions(type)));
      }
    }
    MessageDigest digest = FileDigest.sha256();
    digest.update((FileDigest.sha256(file) + range).getBytes(StandardCharsets.UTF_8));
    OnnxSession session =
        OnnxSession.open(
            file,
            inputs.get(0).getName(),
            graph.getOutputList().stream().map(Onnx.ValueInfoProto::getName).toList());
    OnnxFeatures features =
        new OnnxFeatures(
            file, range.get(0), range.get(1), FileDigest.text(digest), session, shape, outputs);
    int height = shape[2] > 0 ? (int) shape[2] : 32;
    int width = shape[3] > 0 ? (int) shape[3] : 32;
    features.count = (int) features.of(Nd4j.zeros(2, 3, height, width)).features().size(1);
    return features;
  }

  private static Onnx.ModelProto read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(file + ": no such file, expected a network in ONNX");
    }
    try {
      return Onnx.ModelProto.parseFrom(Files.readAllBytes(file));
    } catch (IOException | OutOfMemoryError e) {
      throw new BadInputException(
          "%s cannot be read as ONNX (%s), expected a network"
              .formatted(file, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  private static long[] inputShape(Path file, Onnx.ValueInfoProto input) {
    Onnx.TypeProto.Tensor type = input.getType().getTensorType();
    long[] shape = dimensions(type);
    boolean fits =
        type.getElemType() == Onnx.TensorProto.DataType.FLOAT_VALUE
            && shape.length == RANK_OF_IMAGES
            && shape[0] < 1
            && shape[1] == 3;
    if (!fits) {
      throw new BadInputException(
          "%s takes %s of type %s, expected images of FLOAT [N, 3, height, width], N of any value"
              .formatted(
                  file,
                  Arrays.toString(shape),
                  Onnx.TensorProto.DataType.forNumber(type.getElemType())));
    }
    return shape;
  }

  /** Those of a shape; 0 where any value will do. */
  private static long[] dimensions(Onnx.TypeProto.Tensor type) {
    return type.getShape().getDimList().stream()
        .mapToLong(dimension -> Math.max(0, dimension.getDimValue()))
        .toArray();
  }

  private static BadInputException wrongOutput(Path file, String name, String found) {
    return new BadInputException(
        "%s has an output %s of shape %s, expected [N, features]".formatted(file, name, found));
  }

  @Override
  public String name() {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - ENDING.length()).replaceAll("[^\\w.-]", "-");
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public boolean hasProbabilities() {
    return outputs == 2;
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public void requireShape(long[] images) {
    if (images[0] != 3) {
      throw new BadInputException(
          "%s takes images of 3 channels, found %d".formatted(file, images[0]));
    }
  }

  @Override
  public Answers of(INDArray images) {
    INDArray sized =
        BilinearResizing.resize(
            images,
            shape[2] > 0 ? (int) shape[2] : (int) images.size(2),
            shape[3] > 0 ? (int) shape[3] : (int) images.size(3));
    INDArray values = sized.castTo(DataType.FLOAT).mul(white - black).addi(black).dup('c');
    List<INDArray> found = session.run(values);
    for (int i = 0; i < outputs; i++) {
      INDArray output = found.get(i);
      if (output.rank() != 2 || output.size(0) != images.size(0)) {
        throw wrongOutput(file, "number " + (i + 1), Arrays.toString(output.shape()));
      }
    }
    INDArray probabilities = outputs == 2 ? found.get(1) : null;
    if (outputs == 2) {
      double most = probabilities.sum(1).subi(1).amaxNumber().doubleValue();
      if (!(most <= SUM_TOLERANCE) || probabilities.minNumber().doubleValue() < 0) {
        throw new BadInputException(
            "%s has a second output whose rows are no probabilities (a sum is off by %.3g), expected numbers >= 0 that sum to 1"
                .formatted(file, most));
      }
    }
    return new Answers(found.get(0), probabilities);
  }
}
