package org.agr4j.train;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.util.List;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.RunFolder;
import org.agr4j.run.StatisticsFile;
import org.agr4j.stats.AgrStatsListener;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;

/**
 * Records what Ψ does to each tensor's gradient, epoch by epoch, in {@code statistics.jsonl}.
 *
 * <p>A run records them if it is asked to, and goes on to if it did before it was interrupted.
 */
final class GradientStatistics implements Companion {
  /** Serialized objects of other classes may do anything when they are read. */
  private static final ObjectInputFilter OURS =
      ObjectInputFilter.Config.createFilter(
          "maxdepth=20;maxarray=1000000;"
              + "org.agr4j.stats.*;org.agr4j.TensorRole;java.util.*;java.lang.*;!*");

  private final boolean isAskedFor;
  private RunFolder folder;
  private AgrStatsListener listener; // null for nothing

  GradientStatistics(boolean isAskedFor) {
    this.isAskedFor = isAskedFor;
  }

  @Override
  public String savedAs() {
    return "statistics.ser";
  }

  @Override
  public boolean isSaved() {
    return listener != null;
  }

  /** The sums over the epoch so far. */
  @Override
  public void save(OutputStream out) throws IOException {
    ObjectOutputStream object = new ObjectOutputStream(out);
    object.writeObject(listener);
    object.flush();
  }

  @Override
  public void restore(byte[] saved) throws IOException {
    ObjectInputStream object = new ObjectInputStream(new ByteArrayInputStream(saved));
    object.setObjectInputFilter(OURS);
    try {
      listener = (AgrStatsListener) object.readObject();
    } catch (ClassNotFoundException e) {
      throw new IOException("no statistics in it", e);
    }
  }

  @Override
  public void begin(
      ComputationGraph graph, EpochMeter at, RunFolder folder, ProgressReport report) {
    this.folder = folder;
    if (listener == null && (isAskedFor || StatisticsFile.isBegun(folder))) {
      StatisticsFile.begin(folder); // so that whoever resumes this run goes on with them
      if (at.examples() > 0) {
        report.note("Statistics of epoch %d are of its rest only.".formatted(at.epoch()));
      }
      listener = new AgrStatsListener();
    }
  }

  @Override
  public List<TrainingListener> listeners() {
    return listener == null ? List.of() : List.of(listener);
  }

  @Override
  public void afterEpoch(ComputationGraph graph, EpochMeter at) {
    if (listener != null) {
      StatisticsFile.add(folder, listener.endedEpoch());
    }
  }
}
