package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resuming a run that a stranger sent runs none of his code and fills no memory. */
class HostileCheckpointTest {
  /** Whatever makes an object of this class sets the flag. */
  public static final class Gadget extends DenseLayer implements Serializable {
    private static final long serialVersionUID = 1L;
    static boolean ran;

    /** By Jackson. */
    public Gadget() {
      ran = true;
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      ran = true;
      in.defaultReadObject();
    }
  }

  private static final String CHECKPOINT = "checkpoint-00002-00000016.zip";

  @TempDir Path folder;
  private Path run;
  private Map<String, byte[]> entries;

  @BeforeEach
  void aRunThatWasInterrupted() throws Exception {
    Path frozen =
        Path.of(HostileCheckpointTest.class.getResource("/frozen/run-adamw-agr/begun").toURI());
    run = Files.createDirectories(folder.resolve("run"));
    try (Stream<Path> files = Files.list(frozen)) {
      for (Path file : files.toList()) {
        Files.copy(file, run.resolve(file.getFileName().toString()));
      }
    }
    entries = entries(Files.newInputStream(run.resolve(CHECKPOINT)));
    Gadget.ran = false;
  }

  private static Map<String, byte[]> entries(InputStream stream) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(stream)) {
      for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }

  private static byte[] zip(Map<String, byte[]> entries, int level) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      out.setLevel(level);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] serialized(Object object) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    Gadget.ran = false;
    return bytes.toByteArray();
  }

  private void assertRefused(int level) throws IOException {
    Files.write(run.resolve(CHECKPOINT), zip(entries, level));
    Outcome outcome = Outcome.agr("train", "--resume=" + run);
    assertEquals(1, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains("has no readable checkpoint"), outcome.err());
    assertFalse(outcome.err().contains("	at "), outcome.err());
    assertFalse(Gadget.ran, "its code ran");
    assertTrue(Files.exists(run.resolve(CHECKPOINT)), "it stays for whoever trusts it");
  }

  @Test
  void statisticsOfOtherClassesAreNotDeserialized() throws IOException {
    entries.put("statistics.ser", serialized(new Gadget()));
    assertRefused(0);
    entries.put("statistics.ser", serialized(new ArrayList<>(List.of(new Gadget()))));
    assertRefused(0);
  }

  @Test
  void aNestThatTakesForeverIsNotDeserialized() throws IOException {
    List<Object> nest = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      nest = new ArrayList<>(List.of(nest));
    }
    entries.put("statistics.ser", serialized(nest));
    assertRefused(0);
  }

  @Test
  void layersOfOtherClassesAreNotMade() throws IOException {
    Map<String, byte[]> model = entries(new ByteArrayInputStream(entries.get("model.zip")));
    String json = new String(model.get("configuration.json"), StandardCharsets.UTF_8);
    String evil = json.replace(ConvolutionLayer.class.getName(), Gadget.class.getName());
    assertFalse(evil.equals(json));
    model.put("configuration.json", evil.getBytes(StandardCharsets.UTF_8));
    entries.put("model.zip", zip(model, 9));
    assertRefused(0);
  }

  /** Our checkpoints are not compressed: one that is unpacks to more than the file has. */
  @Test
  void bombsAreNotUnpacked() throws IOException {
    entries.put("model.zip", new byte[1 << 26]);
    assertRefused(9);
    entries.put("state.json", new byte[1 << 26]);
    assertRefused(9);
  }
}
