package org.agr4j.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.run.Checkpoints;
import org.agr4j.run.EnvironmentFile;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.MetricsFile;
import org.agr4j.run.ModelFile;
import org.agr4j.run.RunFolder;
import org.agr4j.run.TrainingState;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.settings.SettingsFile;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;

/**
 * Trains a network: each epoch goes over the training examples once, in an order of its own, and
 * ends with a measurement.
 *
 * <pre>{@code
 * Task task = type.open(settings, null, DataProgress.SILENT);
 * TrainResult result =
 *     Trainer.train(settings, task, RunFolder.create(folder), RunOptions.DEFAULT, SILENT);
 * System.out.println(result.last());
 * }</pre>
 *
 * <p>A run that was interrupted, however, continues from its last checkpoint with {@link #resume},
 * to the same bits as if it had not been.
 */
public final class Trainer {
  private final Settings settings;
  private final Task task;
  private final RunFolder folder;
  private final RunOptions options;
  private final ProgressReport report;
  private final Epochs epochs;
  private final Checkpoints checkpoints;
  private final List<Companion> companions = new ArrayList<>();
  private final List<EpochRecord> records = new ArrayList<>();

  /**
   * Prepares a run, which {@link #train} or {@link #resume} carries out.
   *
   * @param settings what to run
   * @param task what is learned
   * @param folder where results go
   * @param options how to run it; they need not be those it was begun with
   * @param report is told how it goes, and of unreadable checkpoints
   * @param epochs carries its epochs out; is left open
   */
  public Trainer(
      Settings settings,
      Task task,
      RunFolder folder,
      RunOptions options,
      ProgressReport report,
      Epochs epochs) {
    this.settings = settings;
    this.task = task;
    this.folder = folder;
    this.options = options;
    this.report = report;
    this.epochs = epochs;
    this.checkpoints = new Checkpoints(folder, options.keepCheckpoints());
    companions.addAll(task.companions());
    companions.addAll(options.companions());
    if (settings.get(LoopSettings.GRADIENT_CLIPPING) > 0) {
      companions.add(
          Companion.listening(new GradientClipping(settings.get(LoopSettings.GRADIENT_CLIPPING))));
    }
    companions.add(new GradientStatistics(options.statistics()));
    if (settings.has(LoopSettings.WEIGHT_AVERAGE)
        && settings.get(LoopSettings.WEIGHT_AVERAGE) > 0) {
      companions.add(
          new WeightAverage(settings.get(LoopSettings.WEIGHT_AVERAGE), epochs::prepareToMeasure));
    }
  }

  /**
   * Trains on this machine, from random weights; see {@link #train()}.
   *
   * @param settings what to run
   * @param task what is learned
   * @param folder where results go
   * @param options how to run it
   * @param report is told how it goes
   */
  public static TrainResult train(
      Settings settings, Task task, RunFolder folder, RunOptions options, ProgressReport report) {
    try (LocalEpochs epochs = new LocalEpochs(settings, task, options.workers())) {
      return new Trainer(settings, task, folder, options, report, epochs).train();
    }
  }

  /**
   * Continues a run on this machine; see {@link #resume()}.
   *
   * @param settings what the run was begun with
   * @param task what is learned
   * @param folder the run
   * @param options how to run it
   * @param report is told how it goes
   */
  public static TrainResult resume(
      Settings settings, Task task, RunFolder folder, RunOptions options, ProgressReport report) {
    try (LocalEpochs epochs = new LocalEpochs(settings, task, options.workers())) {
      return new Trainer(settings, task, folder, options, report, epochs).resume();
    }
  }

  /**
   * Trains from random weights and saves: settings and machine first, checkpoints on the way,
   * metrics after each epoch, the network at the end.
   *
   * @return metrics and network
   * @throws DivergedException if the loss becomes infinite or NaN
   * @throws org.agr4j.input.BadInputException if a result cannot be written
   */
  public TrainResult train() {
    ComputationGraphConfiguration conf = configuration();
    EnvironmentFile.write(folder, conf);
    task.digest().write(folder);
    folder.write(RunFolder.SETTINGS, SettingsFile.of(settings));
    return start(conf);
  }

  /**
   * Continues a run from its newest readable checkpoint, or from the start if it has none.
   *
   * @return metrics and network of the whole run
   * @throws DivergedException if the loss becomes infinite or NaN
   * @throws org.agr4j.input.BadInputException if the run was begun with other settings, no
   *     checkpoint can be read, or a result cannot be written
   */
  public TrainResult resume() {
    requireSame(folder, settings, task);
    folder.removeParts();
    Optional<Checkpoints.Restored> restored =
        checkpoints.newest(settings, report::note, this::restoreCompanions);
    if (restored.isEmpty()) {
      return start(configuration());
    }
    TrainingState state = restored.get().state();
    report.note(
        "Resuming in epoch %d after %,d %s.".formatted(state.epoch(), state.images(), task.unit()));
    records.addAll(state.epochs());
    return run(restored.get().graph(), state.meter());
  }

  private void restoreCompanions(Checkpoints.Restored restored) throws IOException {
    for (Companion companion : companions) {
      byte[] saved = restored.companions().get(companion.savedAs());
      if (saved != null) {
        companion.restore(saved);
      }
    }
  }

  /**
   * Makes sure that a folder holds a run of these settings and data, finished or not. Where the
   * data lie now is noted in the run's settings.
   *
   * @param folder the run
   * @param settings what it should have been begun with
   * @param task its data
   * @throws org.agr4j.input.BadInputException if it was begun with others
   */
  public static void requireSame(RunFolder folder, Settings settings, Task task) {
    requireSameSettings(folder, settings);
    task.digest().require(folder, task.place());
  }

  /**
   * Makes sure that a folder holds a run of these settings, wherever its data lie.
   *
   * @param folder the run
   * @param settings what it should have been begun with
   * @throws org.agr4j.input.BadInputException if it was begun with others
   */
  public static void requireSameSettings(RunFolder folder, Settings settings) {
    SettingsFile.requireSame(
        folder.path().resolve(RunFolder.SETTINGS), folder.read(RunFolder.SETTINGS), settings);
  }

  private ComputationGraphConfiguration configuration() {
    return OptimizerSettings.plan(settings, epochs.stepsPerEpoch()).applyTo(task.network());
  }

  private TrainResult start(ComputationGraphConfiguration conf) {
    if (settings.has(LoopSettings.WEIGHT_AVERAGE)) {
      long steps = (long) settings.get(LoopSettings.EPOCHS) * epochs.stepsPerEpoch();
      WeightAverage.slowness(settings.get(LoopSettings.WEIGHT_AVERAGE), steps)
          .ifPresent(report::note);
    }
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return run(graph, new EpochMeter(1));
  }

  private TrainResult run(ComputationGraph graph, EpochMeter begun) {
    String inUse = epochs.prepare(graph);
    if (!inUse.isEmpty()) {
      report.layers(inUse);
    }
    companions.forEach(companion -> companion.begin(graph, begun, folder, report));
    List<TrainingListener> listeners = new ArrayList<>();
    companions.forEach(companion -> listeners.addAll(companion.listeners()));
    graph.setListeners(listeners);
    Watch watch = new Watch(graph, begun);
    EpochMeter meter = begun;
    while (meter.epoch() <= settings.get(LoopSettings.EPOCHS)) {
      watch.beginEpoch();
      epochs.train(graph, meter, watch);
      for (Companion companion : companions) {
        companion.afterEpoch(graph, meter);
      }
      EpochRecord record = measure(graph, meter);
      records.add(record);
      meter = new EpochMeter(meter.epoch() + 1);
      MetricsFile.write(folder, records);
      companions.forEach(companion -> companion.afterMeasures(graph, record));
      save(graph, meter);
      report.epochEnd(record, task);
    }
    epochs.end();
    graph.setListeners();
    ComputationGraph measured = measured(graph);
    if (measured != graph) {
      saveAs(RunFolder.UNAVERAGED, graph);
    }
    TrainResult result =
        new TrainResult(
            settings,
            List.copyOf(records),
            measured,
            saveAs(RunFolder.MODEL, measured), // the last: with it the run is finished
            folder.path().resolve(RunFolder.METRICS));
    companions.forEach(companion -> companion.end(graph));
    checkpoints.removeAll();
    return result;
  }

  private Path saveAs(String name, ComputationGraph graph) {
    return folder.write(name, out -> ModelFile.write(graph, out, task.keepsakes()));
  }

  /** Tells how an epoch goes, and saves it where that is due. */
  private final class Watch implements Epochs.Watch {
    private final ComputationGraph graph;
    private final Pace pace;
    private long saved;

    Watch(ComputationGraph graph, EpochMeter begun) {
      this.graph = graph;
      this.pace =
          new Pace(settings.get(LoopSettings.EPOCHS), task.trainExamples(), task.unit(), begun);
    }

    void beginEpoch() {
      saved = System.nanoTime();
    }

    @Override
    public void progress(EpochMeter now) {
      report.step(pace.after(now));
    }

    @Override
    public void standsStill(EpochMeter at, boolean isEnd) {
      companions.forEach(companion -> companion.afterStep(graph, at));
      if (!isEnd && System.nanoTime() - saved >= options.checkpointEvery().toNanos()) {
        save(graph, at);
        saved = System.nanoTime();
      }
    }
  }

  private void save(ComputationGraph graph, EpochMeter meter) {
    Map<String, RunFolder.Content> saved = new LinkedHashMap<>();
    companions.stream()
        .filter(Companion::isSaved)
        .forEach(companion -> saved.put(companion.savedAs(), companion::save));
    checkpoints.save(TrainingState.at(SettingsFile.of(settings), meter, records), graph, saved);
  }

  private EpochRecord measure(ComputationGraph graph, EpochMeter meter) {
    long start = System.nanoTime();
    ComputationGraph measured = measured(graph);
    Map<String, Double> values = measure(measured, meter.epoch());
    if (measured != graph) {
      measure(graph, meter.epoch())
          .forEach((key, value) -> values.put(EpochRecord.unaveraged(key), value));
    }
    values.forEach(
        (key, value) -> {
          if (!Double.isFinite(value)) {
            throw new DivergedException(
                "training diverged: the %s is %s after epoch %d; lower --learning-rate"
                    .formatted(key.replace('_', ' '), value, meter.epoch()));
          }
        });
    return EpochRecord.of(meter, task.unit(), values, (System.nanoTime() - start) / 1e9);
  }

  private Map<String, Double> measure(ComputationGraph graph, int epoch) {
    Map<String, Double> values = new LinkedHashMap<>(epochs.measure(graph));
    companions.forEach(companion -> values.putAll(companion.measure(graph, epoch)));
    return values;
  }

  /** The network that companions have measured in place of the trained one. */
  private ComputationGraph measured(ComputationGraph graph) {
    ComputationGraph measured = graph;
    for (Companion companion : companions) {
      measured = companion.measured(measured);
    }
    return measured;
  }
}
