package org.agr4j.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code agr spark-train} as a process, started as the launcher does. */
final class SparkTrainProcess {
  private static final long PATIENCE_SECONDS = 240;

  private final Process process;
  private final Path log;

  private SparkTrainProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static SparkTrainProcess start(Path folder, String... args) throws IOException {
    List<String> command = StandaloneCluster.java();
    command.addAll(
        List.of(
            "-Xmx1g",
            "-cp",
            StandaloneCluster.jar() + ":" + StandaloneCluster.classPath(),
            SparkTrain.class.getName()));
    return start(folder, command, args);
  }

  /** As Spark's {@code bin/spark-submit} does. */
  static SparkTrainProcess submit(Path folder, String master, String... args) throws IOException {
    List<String> command = StandaloneCluster.java();
    command.addAll(
        List.of(
            "-Xmx1g",
            "-cp",
            StandaloneCluster.classPath(),
            "org.apache.spark.deploy.SparkSubmit",
            "--master",
            master,
            StandaloneCluster.jar().toString()));
    return start(folder, command, args);
  }

  private static SparkTrainProcess start(Path folder, List<String> command, String... args)
      throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(args));
    Path log = Files.createTempFile(folder, "spark-train", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().remove("SPARK_LOCAL_IP");
    return new SparkTrainProcess(builder.start(), log);
  }

  String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "";
    }
  }

  /** Waits for its end; the exit status. */
  int end() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("spark-train hangs:\n" + output());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Whether it does not end in that time. */
  boolean isRunning(Duration time) {
    try {
      return !process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isRunning() {
    return process.isAlive();
  }
}
