package org.agr4j.task.diffusion;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.diffusion.RealFeatures;
import org.agr4j.diffusion.SampleScores;
import org.agr4j.diffusion.Sampler;
import org.agr4j.diffusion.SamplingPath;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.RunFolder;
import org.agr4j.train.Companion;
import org.agr4j.train.Measure;
import org.agr4j.train.ProgressReport;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Measures after some epochs how near the images are that a network draws to real ones, by the
 * features of another network: FID, and IS where that one has probabilities. The noise that images
 * begin with is the same in every epoch and every run: what differs between two numbers is the
 * network that draws. Training does not notice it.
 *
 * <p>Time: {@code count · path.steps()} images go forward through the network.
 */
final class SampleDistances implements Companion {
  private static final String FID = "fid";
  private static final String IS = "is";
  private static final long SEED = 2; // of the noise; sheets have another
  private static final int BATCH = 64;

  private final RealFeatures real;
  private final SamplingPath path;
  private final long[] shape;
  private final int count;
  private final int every;
  private final int epochs;
  private ProgressReport report = ProgressReport.SILENT;

  /**
   * Distances of a run.
   *
   * @param real the real images and the network that both kinds are seen with
   * @param path the steps to a sample
   * @param shape channels, height and width of an image
   * @param count samples, more than features
   * @param every epochs between two measurements
   * @param epochs of the run, the last of which is measured in any case
   */
  SampleDistances(
      RealFeatures real, SamplingPath path, long[] shape, int count, int every, int epochs) {
    this.real = real;
    this.path = path;
    this.shape = shape.clone();
    this.count = count;
    this.every = every;
    this.epochs = epochs;
  }

  /** What is measured by a network, named so that nobody takes it for the published measures. */
  static List<Measure> measures(RealFeatures real) {
    String name = real.features().name();
    List<Measure> measures = new ArrayList<>();
    measures.add(
        new Measure(FID, "FID, %s features".formatted(name), "FID by " + name, "FID", true));
    if (real.features().hasProbabilities()) {
      measures.add(
          new Measure(IS, "IS, %s probabilities".formatted(name), "IS by " + name, "IS", false)
              .alsoCompared());
    }
    return measures;
  }

  @Override
  public void begin(
      ComputationGraph graph, EpochMeter at, RunFolder folder, ProgressReport report) {
    this.report = report;
  }

  @Override
  public Map<String, Double> measure(ComputationGraph graph, int epoch) {
    if (epoch % every != 0 && epoch != epochs) {
      return Map.of();
    }
    SampleScores scores = new SampleScores(real.features());
    Sampler sampler = new Sampler(graph, path, shape, SEED);
    long all = (long) count * path.steps();
    for (int first = 0; first < count; first += BATCH) {
      long before = (long) first * path.steps();
      scores.add(
          sampler.images(
              first,
              Math.min(BATCH, count - first),
              done -> report.measuring("drawing for FID", before + done, all)));
    }
    Map<String, Double> values = new LinkedHashMap<>();
    boolean finite = scores.isFinite(); // otherwise the run has diverged, which the loop says
    values.put(
        FID,
        finite
            ? scores.distance(
                real.moments(done -> report.measuring("real images for FID", done, real.count())))
            : Double.NaN);
    if (real.features().hasProbabilities()) {
      values.put(IS, finite ? scores.score().mean() : Double.NaN);
    }
    return values;
  }
}
