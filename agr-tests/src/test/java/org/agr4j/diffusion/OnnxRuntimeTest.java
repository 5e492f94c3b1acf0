package org.agr4j.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx;
import org.agr4j.input.BadInputException;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Small networks in ONNX, made here, through ONNX Runtime. */
class OnnxRuntimeTest {
  @TempDir Path folder;

  @BeforeEach
  void whereThereAreNatives() {
    assumeFalse(Loader.getPlatform().equals("macosx-arm64"), "ONNX Runtime has no natives for it");
  }

  private static Onnx.ValueInfoProto value(String name, long... sizes) {
    Onnx.TensorShapeProto.Builder shape = Onnx.TensorShapeProto.newBuilder();
    Arrays.stream(sizes)
        .mapToObj(
            size ->
                size == 0
                    ? Onnx.TensorShapeProto.Dimension.newBuilder().setDimParam("any")
                    : Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(size))
        .forEach(shape::addDim);
    return Onnx.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            Onnx.TypeProto.newBuilder()
                .setTensorType(
                    Onnx.TypeProto.Tensor.newBuilder()
                        .setElemType(Onnx.TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }

  private static Onnx.NodeProto node(String operation, String input, String output) {
    return Onnx.NodeProto.newBuilder()
        .setOpType(operation)
        .addInput(input)
        .addOutput(output)
        .build();
  }

  /** Features are the means of the channels of images of 4×4; then another operation on them. */
  private Path network(String second) throws IOException {
    Onnx.GraphProto.Builder graph =
        Onnx.GraphProto.newBuilder()
            .setName("means")
            .addInput(value("x", 0, 3, 4, 4))
            .addOutput(value("f", 0, 3))
            .addNode(node("GlobalAveragePool", "x", "m"))
            .addNode(node("Flatten", "m", "f"));
    if (!second.isEmpty()) {
      graph.addNode(node(second, "f", "p")).addOutput(value("p", 0, 3));
    }
    Path file = folder.resolve("means " + second + ".onnx");
    Files.write(
        file,
        Onnx.ModelProto.newBuilder()
            .setIrVersion(7)
            .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setVersion(13))
            .setGraph(graph)
            .build()
            .toByteArray());
    return file;
  }

  /** Eight pixels become four by the mean of two, which leaves the mean as it is. */
  @Test
  void featuresAndProbabilitiesAreThoseOfTheNetwork() throws IOException {
    ImageFeatures features = ImageFeatures.open(network("Softmax"), List.of(-1.0, 1.0));
    assertEquals("means-Softmax", features.name());
    assertEquals(3, features.count());
    assertTrue(features.hasProbabilities());
    features.requireShape(new long[] {3, 8, 8});
    INDArray images = Nd4j.rand(5, 3, 8, 8);
    INDArray before = images.dup();
    ImageFeatures.Answers answers = features.of(images);
    INDArray means = before.mean(2, 3).muli(2).subi(1);
    assertTrue(means.equalsWithEps(answers.features(), 1e-6), answers.features().toString());
    assertTrue(Transforms.softmax(means).equalsWithEps(answers.probabilities(), 1e-6));
    assertTrue(
        features.of(before).features().equalsWithEps(answers.features(), 0), "the same once more");
  }

  @Test
  void rangeAndFileAreInTheDigest() throws IOException {
    ImageFeatures features = ImageFeatures.open(network(""), List.of(-1.0, 1.0));
    assertFalse(features.hasProbabilities());
    ImageFeatures bytes = ImageFeatures.open(network(""), List.of(0.0, 255.0));
    assertNotEquals(features.digest(), bytes.digest());
    assertEquals(features.digest(), ImageFeatures.open(network(""), List.of(-1.0, 1.0)).digest());
    assertEquals(
        255, bytes.of(Nd4j.ones(1, 3, 4, 4)).features().getDouble(0), 1e-4, "white is 255");
  }

  @Test
  void whatTheRuntimeRefusesIsSaidInOneLine() throws IOException {
    for (String second : List.of("Relu", "NoSuchOperation")) {
      Path file = network(second);
      BadInputException e =
          assertThrows(BadInputException.class, () -> ImageFeatures.open(file, List.of(1.0, 2.0)));
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
      assertTrue(
          e.getMessage()
              .contains(second.equals("Relu") ? "no probabilities" : "refused by ONNX Runtime"),
          e.getMessage());
    }
  }
}
