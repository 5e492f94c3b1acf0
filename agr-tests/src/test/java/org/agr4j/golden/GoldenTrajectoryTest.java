package org.agr4j.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The updaters follow the reference trajectories three ways: alone on their own tensors, inside a
 * MultiLayerNetwork that merges the tensors into one block, and in SameDiff.
 */
class GoldenTrajectoryTest {

  static Stream<Arguments> cases() {
    return GoldenTrajectory.all().stream()
        .flatMap(
            c -> Stream.of(DataType.DOUBLE, DataType.FLOAT).map(type -> Arguments.of(c, type)));
  }

  @Test
  void thereAreFortyFive() {
    assertEquals(45, GoldenTrajectory.all().size());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void updaterOnItsOwnTensors(GoldenTrajectory c, DataType type) {
    IUpdater config = c.updater();
    List<GradientUpdater<?>> updaters = new ArrayList<>();
    List<INDArray> parameters = new ArrayList<>();
    for (double[] initial : c.initial()) {
      INDArray state = Nd4j.create(type, config.stateSize(initial.length));
      updaters.add(config.instantiate(state, true));
      parameters.add(Nd4j.createFromArray(initial).castTo(type));
    }
    for (int step = 0; step < c.gradients().length; step++) {
      for (int i = 0; i < updaters.size(); i++) {
        INDArray update = Nd4j.createFromArray(c.gradients()[step][i]).castTo(type);
        INDArray parameter = parameters.get(i);
        updaters.get(i).applyUpdater(update, step, 0);
        for (Regularization decay : c.decay()) {
          decay.apply(parameter, update, config.getLearningRate(step, 0), step, 0);
        }
        parameter.subi(update);
        assertFollows(c, type, step, i, parameter);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void multiLayerNetworkThatMergesTheTensors(GoldenTrajectory c, DataType type) {
    MultiLayerNetwork net = networkOfTensors(c, type);
    BaseMultiLayerUpdater<?> updater = (BaseMultiLayerUpdater<?>) net.getUpdater();
    assertEquals(1, updater.getUpdaterBlocks().size(), "DL4J merges all tensors into one block");
    INDArray parameters = net.params().reshape(net.numParams());
    INDArray gradients = net.getFlattenedGradients().reshape(net.numParams());
    copy(c.initial(), parameters);
    for (int step = 0; step < c.gradients().length; step++) {
      copy(c.gradients()[step], gradients);
      updater.update(
          new DefaultGradient(net.getFlattenedGradients()),
          step,
          0,
          1,
          LayerWorkspaceMgr.noWorkspaces());
      parameters.subi(gradients);
      int offset = 0;
      for (int i = 0; i < c.initial().length; i++) {
        int length = c.initial()[i].length;
        assertFollows(
            c, type, step, i, parameters.get(NDArrayIndex.interval(offset, offset + length)));
        offset += length;
      }
    }
  }

  /**
   * A chain of layers with one weight tensor each; it is never run forward, so widths need not fit.
   */
  private static MultiLayerNetwork networkOfTensors(GoldenTrajectory c, DataType type) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .dataType(type)
            .miniBatch(false)
            .updater(c.updater())
            .regularization(c.decay())
            .list()
            .overrideNinUponBuild(false);
    for (double[] tensor : c.initial()) {
      layers.layer(new DenseLayer.Builder().nIn(tensor.length).nOut(1).hasBias(false).build());
    }
    MultiLayerNetwork net = new MultiLayerNetwork(layers.build());
    net.init();
    net.initGradientsView();
    return net;
  }

  private static void copy(double[][] tensors, INDArray flat) {
    int offset = 0;
    for (double[] tensor : tensors) {
      flat.get(NDArrayIndex.interval(offset, offset + tensor.length))
          .assign(Nd4j.createFromArray(tensor).castTo(flat.dataType()));
      offset += tensor.length;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sameDiff(GoldenTrajectory c, DataType type) {
    SameDiff sd = SameDiff.create();
    int count = c.shapes().length;
    SDVariable loss = null;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // d(Σ θ·g)/dθ = g
      SDVariable gradient = sd.placeHolder("g" + i, type, c.shapes()[i]);
      SDVariable parameter = sd.var("p" + i, array(c.initial()[i], c.shapes()[i], type));
      SDVariable term = parameter.mul(gradient).sum();
      loss = loss == null ? term : loss.add(term);
      names.add(gradient.name());
    }
    sd.setLossVariables(loss.rename("loss"));
    sd.setTrainingConfig(
        TrainingConfig.builder()
            .updater(c.updater())
            .regularization(c.decay())
            .dataSetFeatureMapping(names)
            .markLabelsUnused()
            .build());
    for (int step = 0; step < c.gradients().length; step++) {
      INDArray[] gradients = new INDArray[count];
      for (int i = 0; i < count; i++) {
        gradients[i] = array(c.gradients()[step][i], c.shapes()[i], type);
      }
      sd.fit(new MultiDataSet(gradients, new INDArray[0]));
      for (int i = 0; i < count; i++) {
        INDArray parameter = sd.getVariable("p" + i).getArr();
        assertFollows(c, type, step, i, parameter.dup('c').reshape(parameter.length()));
      }
    }
  }

  private static INDArray array(double[] values, long[] shape, DataType type) {
    return Nd4j.createFromArray(values).castTo(type).reshape('c', shape);
  }

  private static void assertFollows(
      GoldenTrajectory c, DataType type, int step, int tensor, INDArray parameter) {
    double[] expected = c.parameters()[step][tensor];
    double[] actual = parameter.toDoubleVector();
    double relative = type == DataType.DOUBLE ? 1e-10 : 1e-5;
    assertEquals(expected.length, actual.length);
    for (int j = 0; j < expected.length; j++) {
      double tolerance = relative * Math.max(Math.abs(expected[j]), 0.01);
      assertEquals(
          expected[j],
          actual[j],
          tolerance,
          "step " + step + ", tensor " + tensor + ", element " + j);
    }
  }
}
