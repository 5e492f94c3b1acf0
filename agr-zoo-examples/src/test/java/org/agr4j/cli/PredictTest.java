package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.agr4j.data.ImagePreparation;
import org.agr4j.data.image.ImageFit;
import org.agr4j.input.BadInputException;
import org.agr4j.run.ModelFile;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;

class PredictTest {
  private static final ImagePreparation PREPARATION =
      new ImagePreparation(
          4,
          ImageFit.CROP,
          List.of(0.5, 0.5, 0.5),
          List.of(0.25, 0.25, 0.25),
          List.of("red", "grün", "blue jay"));

  @TempDir Path folder;

  /** A network that says of which colour an image has most. */
  private Path model(Map<String, String> texts) throws IOException {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(4, 4, 3))
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
                    "in")
                .setOutputs("out")
                .build());
    graph.init();
    graph.setParams(Nd4j.zeros(1, graph.numParams()));
    for (int i = 0; i < 48; i++) {
      graph.getParam("out_W").putScalar(i, i / 16, 0.05);
    }
    Path file = folder.resolve("model.zip");
    try (OutputStream out = Files.newOutputStream(file)) {
      ModelFile.write(graph, out, texts);
    }
    return file;
  }

  private Path model() throws IOException {
    return model(Map.of(ImagePreparation.ENTRY, PREPARATION.toJson()));
  }

  private Path image(String name, int width, int height, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, rgb);
    }
    Path file = folder.resolve(name);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  @Test
  void namesClassesWithProbabilities() throws IOException {
    Path red = image("a b.jpg", 9, 30, 0xff0000);
    Path blue = image("blue.png", 4, 4, 0x0000ff);
    Outcome outcome =
        Outcome.agr(
            "predict", "--model-file=" + model(), "--top=2", red.toString(), blue.toString());
    // A colour c gives 16 · 0.05 · (c/255 − 0.5)/0.25: 1.6 or −1.6 before the softmax.
    double most = 100 / (1 + 2 * Math.exp(-3.2));
    double rest = (100 - most) / 2;
    assertEquals(
        "%s: red %.1f%%, grün %.1f%%%n%s: blue jay %.1f%%, red %.1f%%%n"
            .formatted(red, most, rest, blue, most, rest),
        outcome.done().out());
    assertEquals("", outcome.err());
  }

  @Test
  void answersTheOthersWhereOneCannotBeRead() throws IOException {
    Path red = image("red.png", 4, 4, 0xff0000);
    Path text = Files.writeString(folder.resolve("text.jpg"), "text");
    Outcome outcome =
        Outcome.agr(
            "predict",
            "--model-file=" + model(),
            text.toString(),
            folder.toString(),
            folder.resolve("none.png").toString(),
            red.toString());
    assertEquals(1, outcome.status());
    assertTrue(outcome.out().startsWith(red + ": red "), outcome.out());
    List<String> lines = outcome.err().lines().toList();
    assertEquals(3, lines.size(), outcome.err());
    assertEquals(
        "agr: " + text + " (4 bytes) is no image, expected JPEG, PNG, GIF, BMP or WebP",
        lines.get(0));
    assertTrue(lines.get(1).endsWith(" is a folder, expected an image"), lines.get(1));
    assertTrue(lines.get(2).endsWith("none.png: no such file, expected an image"), lines.get(2));
  }

  private void assertRefused(Path model, String part) throws IOException {
    Outcome outcome =
        Outcome.agr("predict", "--model-file=" + model, image("x.png", 4, 4, 0).toString());
    assertEquals(1, outcome.status());
    assertTrue(outcome.err().contains(part), outcome.err() + " has no: " + part);
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertFalse(outcome.out().contains("%"), outcome.out());
  }

  @Test
  void refusesModelsThatDoNotFit() throws IOException {
    assertRefused(folder.resolve("none.zip"), "none.zip: no such file, expected a network");
    assertRefused(
        Files.writeString(folder.resolve("text.zip"), "text"), "text.zip is no whole zip archive");
    assertRefused(model(Map.of()), "model.zip has no images.json, so what its outputs mean");
    assertRefused(
        model(Map.of(ImagePreparation.ENTRY, PREPARATION.toJson().replace("\"red\",", ""))),
        "model.zip has a network of 3 outputs, expected one for each of its 2 classes");
    assertRefused(
        model(Map.of(ImagePreparation.ENTRY, PREPARATION.toJson().replace(":4,", ":5,"))),
        "model.zip has a network that does not take images of 3×5×5");
  }

  /** They may come from a stranger. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "{\"side\":4}",
        "SIDE0",
        "SIDE100000",
        "SIDE\"a\"",
        "ZERO",
        "NAN",
        "ESCAPE",
        "NULL",
        "NONE",
        "MORE"
      })
  void refusesAPreparationThatIsNone(String broken) {
    String json = PREPARATION.toJson();
    String given =
        switch (broken) {
          case "ZERO" -> json.replace("0.25", "0");
          case "NAN" -> json.replaceFirst("0.5", "\"NaN\"");
          case "ESCAPE" -> json.replace("red", "\\u001b[31mred");
          case "NULL" -> json.replace("\"red\"", "null");
          case "NONE" -> json.replaceAll("\\[\"red.*]", "[]");
          case "MORE" -> json.replaceFirst("\\{", "{\"@class\":\"java.lang.Runtime\",");
          default ->
              broken.startsWith("SIDE")
                  ? json.replace(":4,", ":" + broken.substring(4) + ",")
                  : broken;
        };
    assertFalse(given.equals(json));
    BadInputException e =
        assertThrows(
            BadInputException.class, () -> ImagePreparation.ofJson("m: images.json", given));
    assertTrue(
        e.getMessage().startsWith("m: images.json is not what agr train writes: "), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
    assertFalse(e.getMessage().contains("\u001b"));
  }

  @Test
  void aPreparationComesBackFromItsFile() {
    assertEquals(PREPARATION, ImagePreparation.ofJson("x", PREPARATION.toJson()));
  }
}
