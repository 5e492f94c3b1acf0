package org.agr4j.cli;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.train.Task;

/** Where results go if nothing else is said. */
public final class RunFolders {
  private RunFolders() {}

  /**
   * The folder of a run that begins.
   *
   * @param out where its results shall go; null for {@code runs/MODEL-DATA-OPTIMIZER-…-TIME}
   * @param settings the run's
   * @param task its task
   * @param more words of the name
   */
  public static RunFolder create(Path out, Settings settings, Task task, String... more) {
    List<String> words = new ArrayList<>();
    words.add(settings.get(OptimizerSettings.OPTIMIZER).label());
    words.addAll(List.of(more));
    return create(out, settings.get(LoopSettings.MODEL), task, words.toArray(String[]::new));
  }

  /** The same with another first word: {@code runs/WHAT-DATA-…-TIME}. */
  static RunFolder create(Path out, String what, Task task, String... more) {
    if (out != null) {
      return RunFolder.create(out);
    }
    List<String> words = new ArrayList<>(List.of(what, task.dataName()));
    words.addAll(List.of(more));
    words.add(LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")));
    return RunFolder.create(Path.of("runs", String.join("-", words)));
  }

  /**
   * The folder of a run to resume.
   *
   * @param resume the folder; null for none
   * @param out where results shall go; null for the default
   * @return null for a run that begins
   * @throws BadInputException if both are given, or no run was begun there
   */
  public static RunFolder begun(Path resume, Path out) {
    if (resume != null && out != null) {
      throw new BadInputException("--resume and --out exclude each other");
    }
    return resume == null ? null : RunFolder.existing(resume);
  }
}
