package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.MetricsFile;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.SettingsFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code agr spark-train} against a standalone cluster: a master and two workers, whose executors
 * get the jar from the driver.
 */
class ClusterIT {
  private static StandaloneCluster cluster;

  @TempDir static Path clusterFolder;
  @TempDir private Path temp;

  @BeforeAll
  static void start() throws IOException {
    cluster = new StandaloneCluster(clusterFolder, 2);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    AeronDirectory.removeLeftOvers();
  }

  @ParameterizedTest(name = "{0}, {1} workers, averaging every {2}")
  @CsvSource({"adamw-agr, 1, 5", "adamw-agr, 2, 3", "adan-agr, 2, 2"})
  void averagingIsWhatItIsOnOneMachine(String optimizer, int workers, int frequency)
      throws IOException {
    OptimizerChoice choice =
        Arrays.stream(OptimizerChoice.values())
            .filter(c -> c.label().equals(optimizer))
            .findFirst()
            .orElseThrow();
    ClusterSettings settings = SmallClusterRuns.settings(choice, workers, frequency, 60, 2);
    AveragingOnOneMachine machine = new AveragingOnOneMachine(settings, temp.resolve("reference"));
    Path config = Files.writeString(temp.resolve("run.yaml"), SettingsFile.of(settings.run()));

    SparkTrainProcess run = train("--config", config.toString(), "--out", out().toString());

    assertEquals(0, run.end(), run::output);
    LocalSparkTest.assertSame(machine.train(), model(out()));
  }

  @Test
  void underSparkSubmitToo() throws IOException {
    ClusterSettings settings = SmallClusterRuns.settings(OptimizerChoice.ADAMW_AGR, 2, 3, 60, 1);
    AveragingOnOneMachine machine = new AveragingOnOneMachine(settings, temp.resolve("reference"));
    Path config = Files.writeString(temp.resolve("run.yaml"), SettingsFile.of(settings.run()));

    SparkTrainProcess run =
        SparkTrainProcess.submit(
            temp, cluster.url(), "--config", config.toString(), "--out", out().toString());

    assertEquals(0, run.end(), run::output);
    LocalSparkTest.assertSame(machine.train(), model(out()));
  }

  @Test
  void sharingTrains() throws IOException {
    List<String> before = sharedMemory();
    SparkTrainProcess run =
        train(small("--mode", "sharing", "--epochs", "3", "--conf", "spark.ui.enabled=true"));
    Set<String> sockets = socketsUntilTheEnd(run);

    assertEquals(0, run.end(), run::output);
    assertEquals(Set.of(), ListeningSockets.beyondLoopback(sockets));
    long udp = sockets.stream().filter(socket -> socket.startsWith("udp")).count();
    assertTrue(
        udp >= 3 || !ListeningSockets.canBeListed(),
        "the driver and each executor receive updates: " + udp);
    StandaloneCluster.await("the executors' end", () -> cluster.executors().isEmpty());
    AeronDirectory.removeLeftOvers();
    assertEquals(before, sharedMemory(), "left-overs in shared memory");
    List<EpochRecord> epochs = MetricsFile.read(RunFolder.existing(out()));
    System.out.println("sharing: " + epochs);
    assertTrue(
        epochs.get(2).get("train_loss") < 0.9 * epochs.get(0).get("train_loss"), epochs.toString());
    // Tested with the driver's weights: the workers' updates have reached it.
    assertTrue(epochs.get(2).get("test_loss") < 0.95 * Math.log(10), epochs.toString());
  }

  @Test
  void averagingSurvivesLostExecutorAndLostWorker() throws IOException {
    SparkTrainProcess run =
        train(small("--epochs", "3", "--averaging-frequency", "2", "--checkpoint-every", "0"));

    StandaloneCluster.await("epoch 1", () -> hasCheckpoint("checkpoint-00001-.*") || ended(run));
    List<ProcessHandle> executors = cluster.executors();
    assertFalse(executors.isEmpty(), run::output);
    executors.get(0).destroyForcibly();
    StandaloneCluster.await("epoch 2", () -> hasCheckpoint("checkpoint-00002-.*") || ended(run));
    assertTrue(run.isRunning(), run::output);
    cluster.loseWorker();

    assertEquals(0, run.end(), run::output);
    cluster.startWorker();
    List<EpochRecord> epochs = MetricsFile.read(RunFolder.existing(out()));
    assertEquals(3, epochs.size());
    assertTrue(
        epochs.get(2).get("train_loss") < epochs.get(0).get("train_loss"), epochs.toString());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"executor", "worker"})
  void sharingFinishesOrIsEndedAndResumes(String lost) throws IOException {
    int before = started();
    SparkTrainProcess run =
        train(small("--mode", "sharing", "--epochs", "2", "--stall-timeout", "15"));
    StandaloneCluster.await("epoch 1", () -> started() >= before + 2 || ended(run));
    assertTrue(run.isRunning(), run::output);
    if (lost.equals("executor")) {
      cluster.executors().get(0).destroyForcibly();
    } else {
      cluster.loseWorker();
      cluster.startWorker();
    }

    int status = run.end();
    if (status != 0) {
      assertEquals(1, status, run::output);
      String message = lastLine(run);
      assertTrue(message.matches("agr: .*--resume .*"), run::output);
      SparkTrainProcess resumed = train("--resume", out().toString());
      assertEquals(0, resumed.end(), resumed::output);
    }
    assertEquals(2, MetricsFile.read(RunFolder.existing(out())).size());
  }

  @Test
  void masterOutOfReach() throws IOException {
    SparkTrainProcess run =
        SparkTrainProcess.start(temp, "--master", "spark://127.0.0.1:1", "--out", out().toString());
    assertEquals(1, run.end(), run::output);
    assertEquals(
        "agr: --master spark://127.0.0.1:1 cannot be reached (Connection refused), expected a"
            + " running Spark master",
        lastLine(run));
    assertFalse(Files.exists(out().resolve(RunFolder.SETTINGS)));
  }

  @Test
  void folderForTheBatchesThatCannotBeWritten() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "not a folder");
    SparkTrainProcess run = train(small("--batches", file.resolve("batches").toString()));
    assertEquals(1, run.end(), run::output);
    assertTrue(
        lastLine(run)
            .matches("agr: the batches cannot be written to .*/file/batches .*, expected .*"),
        run::output);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"averaging", "sharing"})
  void damagedBatch(String mode) throws IOException {
    ClusterSettings settings = SmallClusterRuns.settings(OptimizerChoice.ADAMW, 2, 2, 60, 1);
    new AveragingOnOneMachine(settings, temp.resolve("batches")); // writes them
    Path batch = temp.resolve("batches/train/00003.batch");
    byte[] bytes = Files.readAllBytes(batch);
    bytes[bytes.length / 2] ^= 1;
    Files.delete(temp.resolve("batches/train/.00003.batch.crc"));
    Files.write(batch, bytes);
    Path config = Files.writeString(temp.resolve("run.yaml"), SettingsFile.of(settings.run()));

    SparkTrainProcess run =
        train(
            "--config",
            config.toString(),
            "--mode",
            mode,
            "--out",
            out().toString(),
            "--batches",
            temp.resolve("batches").toString(),
            "--stall-timeout",
            "30");

    assertEquals(1, run.end(), run::output);
    assertTrue(
        lastLine(run).matches("agr: the batch file .*00003.batch has another check sum .*"),
        run::output);
  }

  private Path out() {
    return temp.resolve("run");
  }

  /** 1,200 images in batches of 8 for a network of width 2: several seconds an epoch. */
  private String[] small(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--dataset",
                "cifar10",
                "--data",
                "synthetic",
                "--width",
                "2",
                "--limit-train",
                "1200",
                "--limit-test",
                "100",
                "--batch-size",
                "8",
                "--out",
                out().toString()));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private SparkTrainProcess train(String... args) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--master",
                cluster.url(),
                "--conf",
                "spark.ui.enabled=false",
                "--conf",
                "spark.executor.memory=1g"));
    all.addAll(List.of(args));
    return SparkTrainProcess.start(temp, all.toArray(String[]::new));
  }

  /** All on which the driver, the master, workers and executors have listened. */
  private static Set<String> socketsUntilTheEnd(SparkTrainProcess run) {
    Set<String> sockets = new TreeSet<>();
    while (run.isRunning(Duration.ofSeconds(1))) {
      sockets.addAll(
          ListeningSockets.of(Stream.concat(cluster.processes(), Stream.of(run.handle()))));
    }
    return sockets;
  }

  private static boolean ended(SparkTrainProcess run) {
    return !run.isRunning();
  }

  private boolean hasCheckpoint(String name) {
    try (Stream<Path> files = Files.list(out())) {
      return files.anyMatch(file -> file.getFileName().toString().matches(name));
    } catch (IOException e) {
      return false;
    }
  }

  /** Executors that have begun to share. */
  private static int started() {
    return (int)
        cluster.executorLogs().stream()
            .filter(log -> log.contains("ModelParameterServer starting"))
            .count();
  }

  private static String lastLine(SparkTrainProcess run) {
    List<String> lines = run.output().lines().filter(line -> line.startsWith("agr: ")).toList();
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }

  /** Folders of Aeron's: ours, and those it would take by itself. */
  private static List<String> sharedMemory() {
    String[] names = new File("/dev/shm").list((folder, name) -> name.contains("aeron-"));
    return names == null ? List.of() : Stream.of(names).sorted().toList();
  }

  private static ComputationGraph model(Path run) throws IOException {
    return ModelSerializer.restoreComputationGraph(run.resolve(RunFolder.MODEL).toFile(), true);
  }
}
