package org.agr4j.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Files that are no network for FID, each in one line; here ONNX Runtime's natives are missing. */
class OnnxFeaturesTest {
  @TempDir Path folder;

  private static Onnx.ValueInfoProto value(String name, long... sizes) {
    Onnx.TensorShapeProto.Builder shape = Onnx.TensorShapeProto.newBuilder();
    Arrays.stream(sizes)
        .forEach(
            size -> shape.addDim(Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(size)));
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

  /** The mean of each channel; 0 stands for any size. */
  private static Onnx.GraphProto.Builder means() {
    return Onnx.GraphProto.newBuilder()
        .setName("means")
        .addInput(value("x", 0, 3, 4, 4))
        .addOutput(value("f", 0, 3))
        .addNode(
            Onnx.NodeProto.newBuilder().setOpType("GlobalAveragePool").addInput("x").addOutput("m"))
        .addNode(Onnx.NodeProto.newBuilder().setOpType("Flatten").addInput("m").addOutput("f"));
  }

  private void refused(String why, Onnx.GraphProto.Builder graph) throws IOException {
    refused(
        why, Onnx.ModelProto.newBuilder().setIrVersion(7).setGraph(graph).build().toByteArray());
  }

  private void refused(String why, byte[] content) throws IOException {
    Path file = folder.resolve("network.onnx");
    Files.write(file, content);
    BadInputException e =
        assertThrows(BadInputException.class, () -> ImageFeatures.open(file, List.of(-1.0, 1.0)));
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void whatIsNoNetworkForImagesIsRefusedInOneLine() throws IOException {
    refused("cannot be read as ONNX", "<html>not found</html>".getBytes());
    refused("is no network in ONNX", new byte[0]);
    refused("has 0 inputs, expected one", means().clearInput());
    refused("has 2 inputs, expected one", means().addInput(value("y", 0, 3, 4, 4)));
    refused("takes [0, 1, 4, 4] of type FLOAT", means().setInput(0, value("x", 0, 1, 4, 4)));
    refused("takes [0, 48] of type FLOAT", means().setInput(0, value("x", 0, 48)));
    refused("takes [5, 3, 4, 4] of type FLOAT", means().setInput(0, value("x", 5, 3, 4, 4)));
    refused("an output f of shape [0, 3, 1, 1]", means().setOutput(0, value("f", 0, 3, 1, 1)));
    refused("has 0 outputs", means().clearOutput());
    refused(
        "has weights in other files",
        means()
            .addInitializer(
                Onnx.TensorProto.newBuilder()
                    .setName("w")
                    .setDataLocation(Onnx.TensorProto.DataLocation.EXTERNAL)));
  }

  @Test
  void aMissingRuntimeIsNamedWithWhatToDo() throws IOException {
    refused("needs ONNX Runtime, which is not on the class path", means());
    refused("mvn -q -f agr-zoo-examples/onnx-libraries package", means());
  }

  /** PyTorch: interpolate(arange(4.).reshape(1, 1, 2, 2), (4, 4), mode="bilinear"). */
  @Test
  void imagesAreResizedAsPyTorchDoes() {
    INDArray image = Nd4j.createFromArray(0f, 1f, 2f, 3f).reshape('c', 1, 1, 2, 2);
    assertArrayEquals(
        new float[] {
          0, .25f, .75f, 1, .5f, .75f, 1.25f, 1.5f, 1.5f, 1.75f, 2.25f, 2.5f, 2, 2.25f, 2.75f, 3
        },
        BilinearResizing.resize(image, 4, 4).reshape(16).toFloatVector());
    assertArrayEquals(
        new float[] {1.5f}, BilinearResizing.resize(image, 1, 1).reshape(1).toFloatVector());
    assertSame(image, BilinearResizing.resize(image, 2, 2));
  }
}
