package org.agr4j.train;

import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.agr4j.data.BadInputException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/**
 * The checkpoints of a run: files {@code checkpoint-EPOCH-IMAGES.zip} with {@code state.json}
 * ({@link TrainingState}) and {@code model.zip} (DL4J's format, with the optimizer's state).
 *
 * <p>One is written aside, flushed to the disk and renamed, and only then is the oldest removed. So
 * at any moment the last whole one is there.
 */
public final class Checkpoints {
  private static final String STATE = "state.json";

  /**
   * A checkpoint that could be read.
   *
   * @param state where the run stood
   * @param graph its network
   */
  public record Restored(TrainingState state, ComputationGraph graph) {}

  private final RunFolder folder;
  private final int keep;

  /**
   * Those of a run.
   *
   * @param folder the run
   * @param keep how many are kept
   */
  public Checkpoints(RunFolder folder, int keep) {
    this.folder = folder;
    this.keep = keep;
  }

  /** Writes one and removes what is too many. */
  public void save(TrainingState state, ComputationGraph graph) {
    String name = "checkpoint-%05d-%08d.zip".formatted(state.epoch(), state.images());
    folder.write(name, out -> write(out, state, graph));
    newestFirst().stream().skip(keep).forEach(this::remove);
  }

  private static void write(OutputStream out, TrainingState state, ComputationGraph graph)
      throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setLevel(Deflater.NO_COMPRESSION); // for the check sums; weights do not shrink
    zip.putNextEntry(new ZipEntry(STATE));
    zip.write(Json.write(state).getBytes(StandardCharsets.UTF_8));
    zip.putNextEntry(new ZipEntry(RunFolder.MODEL));
    ModelSerializer.writeModel(graph, new Unclosed(zip), true);
    zip.finish();
  }

  /**
   * The newest that can be read.
   *
   * @param settings what the run's settings are, as YAML
   * @param report is told of those that cannot be read
   * @throws BadInputException if there are some and none can be read, or one is of another run
   */
  public Optional<Restored> newest(String settings, ProgressReport report) {
    List<Path> all = newestFirst();
    for (Path file : all) {
      Restored restored;
      try (InputStream in = Files.newInputStream(file)) {
        restored = read(in);
      } catch (IOException | RuntimeException e) {
        report.note(
            file + " cannot be read (" + RunFolder.reason(e) + "), using the one before it");
        continue;
      }
      SettingsFile.requireSame(file, restored.state().settings(), settings);
      return Optional.of(restored);
    }
    if (!all.isEmpty()) {
      throw new BadInputException(
          folder.path()
              + " has no readable checkpoint, expected one of "
              + all.size()
              + " to be whole");
    }
    return Optional.empty();
  }

  private static Restored read(InputStream in) throws IOException {
    ZipInputStream zip = new ZipInputStream(in);
    expect(STATE, zip);
    TrainingState state =
        Json.read(new String(zip.readAllBytes(), StandardCharsets.UTF_8), TrainingState.class);
    expect(RunFolder.MODEL, zip);
    byte[] model = zip.readAllBytes(); // to its end, where the check sum is compared
    return new Restored(
        state, ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(model), true));
  }

  private static void expect(String name, ZipInputStream zip) throws IOException {
    ZipEntry entry = zip.getNextEntry();
    if (entry == null || !entry.getName().equals(name)) {
      throw new IOException("no " + name + " in it");
    }
  }

  private List<Path> newestFirst() {
    try (Stream<Path> files = Files.list(folder.path())) {
      return files
          .filter(file -> file.getFileName().toString().matches("checkpoint-\\d+-\\d+\\.zip"))
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw new BadInputException(folder.path() + " cannot be read: " + RunFolder.reason(e), e);
    }
  }

  /** Removes all; the finished model has taken their place. */
  public void removeAll() {
    newestFirst().forEach(this::remove);
  }

  private void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new BadInputException(file + " cannot be removed: " + RunFolder.reason(e), e);
    }
  }

  /** DL4J closes the stream it writes a model to. */
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
