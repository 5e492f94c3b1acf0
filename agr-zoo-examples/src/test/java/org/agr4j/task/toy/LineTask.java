package org.agr4j.task.toy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agr4j.run.DataDigest;
import org.agr4j.run.EpochRecord;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.train.BatchTransform;
import org.agr4j.train.Batches;
import org.agr4j.train.Companion;
import org.agr4j.train.Measure;
import org.agr4j.train.Position;
import org.agr4j.train.Task;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Points near a line; the noise is drawn by a transform, from the position. */
record LineTask(Settings settings) implements Task {
  static final int POINTS = 30;
  private static final Measure ERROR =
      new Measure("test_error", "test error", "Test error", "", true);

  @Override
  public String unit() {
    return "points";
  }

  @Override
  public int trainExamples() {
    return POINTS;
  }

  @Override
  public int stepsPerEpoch() {
    return (POINTS - 1) / settings.get(LoopSettings.BATCH_SIZE) + 1;
  }

  @Override
  public DataDigest digest() {
    return new DataDigest(Map.of("points", "" + POINTS));
  }

  @Override
  public String place() {
    return "";
  }

  @Override
  public ComputationGraphConfiguration network() {
    return new NeuralNetConfiguration.Builder()
        .seed(settings.get(LoopSettings.SEED))
        .graphBuilder()
        .addInputs("x")
        .addLayer(
            "y",
            new OutputLayer.Builder(LossFunction.MSE)
                .activation(Activation.IDENTITY)
                .nIn(1)
                .nOut(1)
                .build(),
            "x")
        .setOutputs("y")
        .build();
  }

  @Override
  public Batches batches(int workers) {
    return new Batches() {
      private Position at;

      @Override
      public void enter(Position position) {
        at = position;
      }

      @Override
      public boolean hasNext() {
        return at.examples() < POINTS;
      }

      @Override
      public MultiDataSet next() {
        int n = Math.min(settings.get(LoopSettings.BATCH_SIZE), POINTS - at.examples());
        INDArray x = Nd4j.linspace(-1, 1, n).reshape(n, 1);
        at = new Position(at.seed(), at.epoch(), at.examples() + n);
        return new DataSet(x, x.mul(settings.get(LineFitting.SLOPE))).toMultiDataSet();
      }
    };
  }

  @Override
  public List<BatchTransform> transforms() {
    double noise = settings.get(LineFitting.NOISE);
    return List.of(
        (batch, position) -> {
          Random random = new Random(position.seedOf("noise"));
          INDArray y = batch.getLabels(0);
          for (int i = 0; i < y.length(); i++) {
            y.putScalar(i, y.getDouble(i) + noise * random.nextGaussian());
          }
          return batch;
        });
  }

  @Override
  public List<Companion> companions() {
    return settings.get(LineFitting.MEAN) ? List.of(new MeanWeights()) : List.of();
  }

  @Override
  public List<Measure> measures() {
    return List.of(ERROR, Measure.trainLoss("squared error"));
  }

  @Override
  public Map<String, Double> measure(ComputationGraph graph) {
    double y = graph.outputSingle(Nd4j.ones(1, 1)).getDouble(0);
    return Map.of(ERROR.key(), Math.abs(y - settings.get(LineFitting.SLOPE)));
  }

  @Override
  public String title() {
    return "a line";
  }

  @Override
  public String summary() {
    return "Fitting a line.";
  }

  @Override
  public String scope() {
    return POINTS + " points";
  }

  @Override
  public String dataName() {
    return "points";
  }

  @Override
  public String result(EpochRecord last) {
    return ERROR.inWords(last);
  }
}
