package org.agr4j.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.agr4j.Agr;
import org.agr4j.input.BadInputException;
import org.agr4j.zoo.ResNet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class ModelFileTest {
  /** Whatever makes an object of this class, in whichever way, sets the flag. */
  public static final class Gadget extends DenseLayer implements DataSetPreProcessor, Serializable {
    private static final long serialVersionUID = 1L;
    static boolean ran;

    static {
      ran |= Boolean.getBoolean("agr.test.armed");
    }

    /** By Jackson. */
    public Gadget() {
      ran = true;
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      ran = true;
      in.defaultReadObject();
    }

    @Override
    public void preProcess(org.nd4j.linalg.dataset.api.DataSet toPreProcess) {
      ran = true;
    }
  }

  @TempDir Path folder;
  private byte[] sound;

  @BeforeEach
  void aNetworkThatWasTrained() throws IOException {
    sound = dl4js(trained(DataType.FLOAT));
    Gadget.ran = false;
  }

  private static ComputationGraph trained(DataType type) {
    ComputationGraphConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(type)
            .updater(new Adam(1e-2))
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.feedForward(5))
            .addLayer("a.b.dense", new DenseLayer.Builder().nOut(4).build(), "in")
            .addLayer("out", new OutputLayer.Builder().nOut(3).build(), "a.b.dense")
            .setOutputs("out")
            .build();
    Agr.adamW(1e-2).applyTo(conf);
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    DataSet batch = new DataSet(Nd4j.rand(type, 6, 5), Nd4j.eye(3).castTo(type).repeat(0, 2));
    graph.fit(batch);
    graph.fit(batch);
    return graph;
  }

  private static byte[] dl4js(ComputationGraph graph) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelSerializer.writeModel(graph, out, true);
    return out.toByteArray();
  }

  private static Map<String, byte[]> entries(byte[] zip) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }

  private static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private byte[] with(String name, byte[] content) throws IOException {
    Map<String, byte[]> entries = entries(sound);
    entries.put(name, content);
    return zip(entries);
  }

  private static ComputationGraph read(byte[] file) {
    try (ModelFile model = ModelFile.open("x.zip", file)) {
      return model.network(true);
    }
  }

  private static void assertRefused(byte[] file, String part) {
    BadInputException e = assertThrows(BadInputException.class, () -> read(file));
    assertTrue(e.getMessage().contains(part), () -> e.getMessage() + "\nhas no: " + part);
    assertTrue(e.getMessage().startsWith("x.zip"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertFalse(Gadget.ran, "code of the file ran");
  }

  // Sound files

  @ParameterizedTest
  @ValueSource(strings = {"FLOAT", "DOUBLE"})
  void givesWhatDl4jGives(String type) throws IOException {
    byte[] file = dl4js(trained(DataType.valueOf(type)));
    assertSame(ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file)), read(file));
  }

  @Test
  void givesWhatDl4jGivesForAResidualNetwork() throws IOException {
    ComputationGraph graph =
        new ComputationGraph(
            ResNet.resNet18().inputShape(3, 8, 8).numClasses(4).width(2).build().conf());
    graph.init();
    byte[] file = dl4js(graph);
    assertSame(ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file)), read(file));
  }

  private static void assertSame(ComputationGraph expected, ComputationGraph found) {
    assertEquals(expected.getConfiguration().toJson(), found.getConfiguration().toJson());
    assertSame(expected.params(), found.params());
    assertSame(expected.getUpdater().getStateViewArray(), found.getUpdater().getStateViewArray());
    assertEquals(expected.paramTable(), found.paramTable());
  }

  private static void assertSame(INDArray expected, INDArray found) {
    assertEquals(expected.dataType(), found.dataType());
    assertEquals(expected.ordering(), found.ordering());
    assertArrayEquals(expected.shape(), found.shape());
    assertArrayEquals(expected.toDoubleVector(), found.toDoubleVector());
  }

  @Test
  void whatItWritesDl4jReads() throws IOException {
    ComputationGraph graph = trained(DataType.FLOAT);
    Path file = folder.resolve("model.zip");
    try (var out = Files.newOutputStream(file)) {
      ModelFile.write(graph, out, Map.of("classes.txt", "é\n"));
    }
    assertSame(graph, ModelSerializer.restoreComputationGraph(file.toFile()));
    try (ModelFile model = ModelFile.open(file)) {
      assertSame(graph, model.network(true));
      assertEquals("é\n", model.text("classes.txt").orElseThrow());
      assertTrue(model.text("other").isEmpty());
    }
  }

  // Hostile ones

  @Test
  void deserializesNothing() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Gadget());
    }
    Gadget.ran = false;
    byte[] file = with("preprocessor.bin", bytes.toByteArray());
    read(file);
    assertFalse(Gadget.ran, "the entry is passed over");
    ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file));
    assertTrue(Gadget.ran, "DL4J runs it, so this file shows something");
  }

  private String json() throws IOException {
    return new String(entries(sound).get("configuration.json"), StandardCharsets.UTF_8);
  }

  private byte[] withJson(String json) throws IOException {
    return with("configuration.json", json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void makesNoObjectOfAnUnknownClass() throws IOException {
    String gadget = Gadget.class.getName();
    String dense = DenseLayer.class.getName();
    String evil = json().replace('"' + dense + '"', '"' + gadget + '"');
    assertFalse(evil.equals(json()));
    String expected = "configuration.json names the class " + gadget + ", expected layers";
    assertRefused(withJson(evil), expected);
    // twice the same key: one parser takes the first, another the last
    String twice = "\"@class\" : \"" + dense + "\", \"@class\" : \"" + gadget + "\"";
    assertRefused(
        withJson(json().replaceFirst("\"@class\" : \"" + dense + "\"", quoted(twice))), expected);
    // a class in an array, as Jackson takes it, too; in a field; as a key; with escapes; in <>
    for (String other :
        List.of(
            "[\"" + gadget + "\", {}]",
            "{\"type\": \"" + gadget + "\"}",
            "{\"" + gadget + "\": {}}",
            "\"" + gadget.replace("o", "\\u006f") + "\"",
            "\"java.util.List<" + gadget + ">\"",
            "\"[L" + gadget + ";\"")) {
      assertRefused(
          withJson(json().replaceFirst("\\{", quoted("{\"x\": " + other + ","))), "the class");
    }
    assertRefused(
        withJson(json().replace('"' + dense + '"', "{\"a\": 1}")), "has a @class that is no text");
    ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(withJson(evil)));
    assertTrue(Gadget.ran, "DL4J makes one, so this file shows something");
  }

  private static String quoted(String replacement) {
    return java.util.regex.Matcher.quoteReplacement(replacement);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "javax.swing.JEditorPane",
        "org.apache.commons.compress.archivers.zip.ZipFile",
        "org.deeplearning4j.util.ModelSerializer",
        "org.nd4j.linalg.factory.Nd4j",
        "org.deeplearning4j.nn.confidential.Layer",
        "org.agr4j.run.ModelFile",
        "no.such.Class",
        "",
        "Layer"
      })
  void allowsOnlyWhatNetworksAreMadeOf(String name) throws IOException {
    String evil = json().replace('"' + DenseLayer.class.getName() + '"', '"' + name + '"');
    assertRefused(withJson(evil), "configuration.json names the class " + name);
  }

  @Test
  void refusesTextThatIsNoConfiguration() throws IOException {
    assertRefused(withJson("[".repeat(100_000)), "configuration.json is no JSON");
    assertRefused(withJson("{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000)), "is no JSON");
    assertRefused(withJson("{\"a\": \"" + "x".repeat(100_000) + "\"}"), "is no JSON");
    assertRefused(withJson("{}"), "no ComputationGraph");
    assertRefused(withJson(""), "x.zip");
    assertRefused(withJson(json().substring(0, 500)), "is no JSON");
    Map<String, byte[]> without = entries(sound);
    without.remove("configuration.json");
    assertRefused(zip(without), "x.zip has no configuration.json, expected a network");
  }

  @Test
  void refusesANetworkOfAnotherKind() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new OutputLayer.Builder().nIn(2).nOut(2).build())
                .build());
    network.init();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelSerializer.writeModel(network, out, true);
    assertRefused(out.toByteArray(), "x.zip");
  }

  /** A layer of 10 million by 10 million takes no memory: the numbers of the file do not fit it. */
  @Test
  void believesNoSizeOfAConfiguration() throws IOException {
    String json = json().replaceAll("\"nout\" : 4", "\"nout\" : 10000000");
    json = json.replaceAll("\"nOut\" : 4", "\"nOut\" : 10000000");
    assertFalse(json.equals(json()));
    assertRefused(
        withJson(json), "coefficients.bin is damaged or something else: it has 39 numbers");
  }

  private static byte[] array(
      String mode, long[] shape, String dataMode, long length, String type, byte[] data)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(mode);
    out.writeLong(shape.length);
    out.writeUTF("LONG");
    for (long number : shape) {
      out.writeLong(number);
    }
    out.writeUTF(dataMode);
    out.writeLong(length);
    out.writeUTF(type);
    out.write(data);
    return bytes.toByteArray();
  }

  @Test
  void believesNoSizeOfAnArray() throws IOException {
    String mixed = "MIXED_DATA_TYPES";
    String shape = "LONG_SHAPE";
    byte[] row = new byte[39 * 4];
    long[] right = {2, 1, 39, 39, 1, 8192, 1, 'c'};
    read(with("coefficients.bin", array(shape, right, mixed, 39, "FLOAT", row)));
    long huge = 1L << 40;
    byte[][] arrays = {
      array(shape, new long[] {2, 1, huge, huge, 1, 8192, 1, 'c'}, mixed, huge, "FLOAT", row),
      array(shape, right, mixed, huge, "FLOAT", row),
      array(shape, new long[] {2, huge, huge, 1, 1, 8192, 1, 'c'}, mixed, 39, "FLOAT", row),
      array(shape, new long[] {2, -1, -39, 1, 1, 8192, 1, 'c'}, mixed, 39, "FLOAT", row),
      array(shape, new long[] {1000, 1, 39, 1}, mixed, 39, "FLOAT", row),
      array(shape, new long[5000], mixed, 39, "FLOAT", row),
      array(shape, right, mixed, 39, "DOUBLE", row),
      array(shape, right, mixed, 39, "UTF8", row),
      array(shape, right, mixed, 39, "COMPRESSED", row),
      array(shape, right, "HEAP", 39, "FLOAT", row),
      array(shape, right, mixed, 39, "FLOAT", new byte[39 * 4 - 1]),
      array(shape, right, mixed, 39, "FLOAT", new byte[39 * 4 + 1]),
      array(shape, right, mixed, 38, "FLOAT", row),
      new byte[0],
      new byte[100]
    };
    for (byte[] array : arrays) {
      assertRefused(with("coefficients.bin", array), "coefficients.bin is damaged or something");
      assertRefused(with("updaterState.bin", array), "x.zip");
    }
    // Strides, step and type that lead native code elsewhere are not looked at.
    long[] elsewhere = {2, 1, 39, 1 << 30, 1 << 30, 16384, 1 << 30, 'f'};
    ComputationGraph graph =
        read(with("coefficients.bin", array(shape, elsewhere, mixed, 39, "FLOAT", row)));
    assertArrayEquals(new float[39], graph.params().toFloatVector());
  }

  /** A gigabyte of zeros in a megabyte. */
  @Test
  void unpacksNoBomb() throws IOException {
    for (String name : List.of("configuration.json", "coefficients.bin", "other.bin")) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ZipOutputStream out = new ZipOutputStream(bytes)) {
        out.setLevel(1);
        Map<String, byte[]> entries = entries(sound);
        entries.remove(name);
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
          out.putNextEntry(new ZipEntry(entry.getKey()));
          out.write(entry.getValue());
        }
        out.putNextEntry(new ZipEntry(name));
        byte[] zeros = new byte[1 << 20];
        for (int i = 0; i < 64; i++) {
          out.write(zeros);
        }
      }
      if (name.equals("other.bin")) {
        read(bytes.toByteArray()); // not read at all
      } else {
        assertRefused(bytes.toByteArray(), name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../evil", "/etc/passwd", "a/../../evil", "..\\evil", "C:\\evil", "C:evil"})
  void refusesNamesThatArePaths(String name) throws IOException {
    assertRefused(with(name, new byte[1]), "x.zip has the entry " + name.charAt(0));
  }

  @Test
  void refusesEntriesThatAreThereTwice() throws IOException {
    byte[] file = with("configuration.jsox", new byte[3]);
    for (int i = 0; i < file.length - 18; i++) {
      if (new String(file, i, 18, StandardCharsets.ISO_8859_1).equals("configuration.jsox")) {
        file[i + 17] = 'n';
      }
    }
    assertRefused(file, "x.zip has the entry configuration.json twice");
    Map<String, byte[]> many = entries(sound);
    for (int i = 0; i < 1000; i++) {
      many.put("f" + i, new byte[0]);
    }
    assertRefused(zip(many), "x.zip has more than 1000 entries");
  }

  @Test
  void refusesATruncatedOrDamagedFile() throws IOException {
    for (int bytes = 0; bytes < sound.length; bytes += 37) {
      assertRefused(Arrays.copyOf(sound, bytes), "x.zip is no whole zip archive");
    }
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged = sound.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        read(damaged);
      } catch (BadInputException e) {
        refused++;
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      }
    }
    assertTrue(refused > 200, refused + " of 300");
    BadInputException e =
        assertThrows(BadInputException.class, () -> ModelFile.open(folder.resolve("none")));
    assertTrue(e.getMessage().endsWith("no such file, expected a network, model.zip of a run"));
  }
}
