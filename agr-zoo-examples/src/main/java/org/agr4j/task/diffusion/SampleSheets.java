package org.agr4j.task.diffusion;

import java.util.Locale;
import org.agr4j.diffusion.ImageSheet;
import org.agr4j.diffusion.Sampler;
import org.agr4j.diffusion.SamplingPath;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.EpochRecord;
import org.agr4j.run.RunFolder;
import org.agr4j.train.Companion;
import org.agr4j.train.ProgressReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Draws a sheet of samples after some epochs, from the same noise in every epoch and every run:
 * {@code samples-0010.png} in the run's folder. The network is the one that is trained, not an
 * average of its weights. Training does not notice it.
 */
final class SampleSheets implements Companion {
  private static final long SEED = 1; // of the noise that all sheets share

  private final SamplingPath path;
  private final long[] shape;
  private final int count;
  private final int every;
  private final int epochs;
  private RunFolder folder;
  private ProgressReport report;

  /**
   * Sheets of a run.
   *
   * @param path the steps to a sample
   * @param shape channels, height and width of an image
   * @param count samples on a sheet
   * @param every epochs between sheets
   * @param epochs of the run, the last of which has one in any case
   */
  SampleSheets(SamplingPath path, long[] shape, int count, int every, int epochs) {
    this.path = path;
    this.shape = shape.clone();
    this.count = count;
    this.every = every;
    this.epochs = epochs;
  }

  /** The file of an epoch's sheet. */
  static String name(int epoch) {
    return String.format(Locale.ROOT, "%s%04d.png", RunFolder.SAMPLES, epoch);
  }

  @Override
  public void begin(
      ComputationGraph graph, EpochMeter at, RunFolder folder, ProgressReport report) {
    this.folder = folder;
    this.report = report;
  }

  @Override
  public void afterMeasures(ComputationGraph graph, EpochRecord record) {
    if (record.epoch() % every != 0 && record.epoch() != epochs) {
      return;
    }
    INDArray images = new Sampler(graph, path, shape, SEED).images(0, count, done -> {});
    String name = name(record.epoch());
    folder.write(name, out -> ImageSheet.writeAll(images, out));
    report.note("Samples of epoch %d: %s".formatted(record.epoch(), folder.path().resolve(name)));
  }
}
