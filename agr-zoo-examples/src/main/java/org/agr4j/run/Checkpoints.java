package org.agr4j.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.Settings;
import org.agr4j.settings.SettingsFile;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The checkpoints of a run: files {@code checkpoint-EPOCH-IMAGES.zip}, each a {@link
 * CheckpointFile}.
 *
 * <p>One is written aside, flushed to the disk and renamed, and only then is the oldest removed. So
 * at any moment the last whole one is there.
 */
public final class Checkpoints {
  /** End of the name of one that could not be read: it is kept, but not as one of the last. */
  private static final String UNREADABLE = ".unreadable";

  /**
   * A checkpoint that could be read.
   *
   * @param state where the run stood
   * @param graph its network
   * @param companions what rode along and was saved, by name
   */
  public record Restored(
      TrainingState state, ComputationGraph graph, Map<String, byte[]> companions) {}

  /** Something that takes what a checkpoint has, and refuses what it cannot use. */
  @FunctionalInterface
  public interface Taker {
    /** Takes up what a checkpoint has. */
    void take(Restored restored) throws IOException;
  }

  private final RunFolder folder;
  private final int keep;

  /**
   * The checkpoints of a run.
   *
   * @param folder the run
   * @param keep how many are kept
   */
  public Checkpoints(RunFolder folder, int keep) {
    this.folder = folder;
    this.keep = keep;
  }

  /**
   * Writes one and removes what is too many.
   *
   * @param state where the run stands
   * @param graph its network
   * @param companions what rides along and writes something, by name
   */
  public void save(
      TrainingState state, ComputationGraph graph, Map<String, RunFolder.Content> companions) {
    String name =
        String.format(Locale.ROOT, "checkpoint-%05d-%08d.zip", state.epoch(), state.images());
    folder.write(name, out -> CheckpointFile.write(out, state, graph, companions));
    newestFirst().stream().skip(keep).forEach(this::remove);
  }

  /**
   * The newest that can be read. Those that cannot are put aside, so that they do not take the
   * places of good ones.
   *
   * @param settings what the run's settings are
   * @param note is told of those that cannot be read
   * @param taker takes the newest; one that it refuses with an IOException cannot be read
   * @throws BadInputException if there are some and none can be read, or one is of another run
   */
  public Optional<Restored> newest(Settings settings, Consumer<String> note, Taker taker) {
    List<Path> all = newestFirst();
    for (int i = 0; i < all.size(); i++) {
      Path file = all.get(i);
      Restored restored;
      try (InputStream in = Files.newInputStream(file)) {
        restored = CheckpointFile.read(in, Files.size(file));
        taker.take(restored);
      } catch (IOException | RuntimeException e) {
        note.accept(
            file
                + " cannot be read ("
                + RunFolder.reason(e)
                + (i + 1 < all.size() ? "), trying the one before it" : ")"));
        continue;
      }
      SettingsFile.requireSame(file, restored.state().settings(), settings);
      all.subList(0, i).forEach(Checkpoints::putAside);
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

  private static void putAside(Path file) {
    try {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + UNREADABLE),
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BadInputException(file + " cannot be renamed: " + RunFolder.reason(e), e);
    }
  }

  private List<Path> newestFirst() {
    return named("");
  }

  private List<Path> named(String end) {
    try (Stream<Path> files = Files.list(folder.path())) {
      return files
          .filter(file -> file.getFileName().toString().matches("checkpoint-\\d+-\\d+\\.zip" + end))
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw new BadInputException(folder.path() + " cannot be read: " + RunFolder.reason(e), e);
    }
  }

  /** Removes all; the finished model has taken their place. */
  public void removeAll() {
    named("(\\" + UNREADABLE + ")?").forEach(this::remove);
  }

  private void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new BadInputException(file + " cannot be removed: " + RunFolder.reason(e), e);
    }
  }
}
