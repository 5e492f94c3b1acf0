package org.agr4j.run;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/**
 * What a checkpoint is: a zip of {@code state.json} ({@link TrainingState}), {@code model.zip}
 * (DL4J's format, with the optimizer's state) and an entry for each companion that saves something,
 * such as {@code statistics.ser}.
 */
final class CheckpointFile {
  private static final String STATE = "state.json";

  private CheckpointFile() {}

  /** Writes a checkpoint. */
  static void write(
      OutputStream out,
      TrainingState state,
      ComputationGraph graph,
      Map<String, RunFolder.Content> companions)
      throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setLevel(Deflater.NO_COMPRESSION); // for the check sums; weights do not shrink
    zip.putNextEntry(new ZipEntry(STATE));
    zip.write(Json.write(state).getBytes(StandardCharsets.UTF_8));
    zip.putNextEntry(new ZipEntry(RunFolder.MODEL));
    ModelSerializer.writeModel(graph, new Unclosed(zip), true);
    for (Map.Entry<String, RunFolder.Content> companion : companions.entrySet()) {
      zip.putNextEntry(new ZipEntry(companion.getKey()));
      companion.getValue().writeTo(new Unclosed(zip));
    }
    zip.finish();
  }

  /**
   * Reads one, without trusting it.
   *
   * @param in its content
   * @param bytes of the file; entries are not compressed, so none has more
   * @throws IOException if it is damaged or something else
   * @throws org.agr4j.input.BadInputException if its network is not safe to read
   */
  static Checkpoints.Restored read(InputStream in, long bytes) throws IOException {
    ZipInputStream zip = new ZipInputStream(in);
    expect(STATE, zip);
    TrainingState state =
        Json.read(new String(content(zip, bytes), StandardCharsets.UTF_8), TrainingState.class);
    expect(RunFolder.MODEL, zip);
    ComputationGraph graph;
    try (ModelFile model = ModelFile.open("its " + RunFolder.MODEL, content(zip, bytes))) {
      graph = model.network(true);
    }
    Map<String, byte[]> companions = new LinkedHashMap<>();
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      companions.put(entry.getName(), content(zip, bytes));
    }
    return new Checkpoints.Restored(state, graph, companions);
  }

  /** An entry to its end, where the check sum is compared. */
  private static byte[] content(ZipInputStream zip, long most) throws IOException {
    byte[] content = zip.readNBytes((int) Math.min(Integer.MAX_VALUE - 8L, most));
    if (zip.read() >= 0) {
      throw new IOException("an entry unpacks to more bytes than the file has");
    }
    return content;
  }

  private static void expect(String name, ZipInputStream zip) throws IOException {
    ZipEntry entry = zip.getNextEntry();
    if (entry == null || !entry.getName().equals(name)) {
      throw new IOException("no " + name + " in it");
    }
  }

  /** The stream stays open: DL4J closes the one it writes a model to. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      out.write(bytes, from, count);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
