package org.agr4j.task.toy;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.RunFolder;
import org.agr4j.train.Companion;
import org.agr4j.train.ProgressReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Measures the mean of the weights after all steps so far, a ← a + (w − a)/n, in their place. */
final class MeanWeights implements Companion {
  private int steps;
  private INDArray mean; // null before the first step

  @Override
  public String savedAs() {
    return "mean.bin";
  }

  @Override
  public void save(OutputStream stream) throws IOException {
    DataOutputStream out = new DataOutputStream(stream);
    out.writeInt(steps);
    Nd4j.write(mean, out);
  }

  @Override
  public void restore(byte[] saved) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved));
    steps = in.readInt();
    mean = Nd4j.read(in);
  }

  @Override
  public void begin(
      ComputationGraph graph, EpochMeter at, RunFolder folder, ProgressReport report) {
    if (mean == null) {
      mean = graph.params().dup();
    }
  }

  @Override
  public void afterStep(ComputationGraph graph, EpochMeter at) {
    mean.addi(graph.params().sub(mean).divi(++steps));
  }

  @Override
  public ComputationGraph measured(ComputationGraph graph) {
    ComputationGraph averaged = new ComputationGraph(graph.getConfiguration().clone());
    averaged.init(mean.dup(), false);
    return averaged;
  }
}
