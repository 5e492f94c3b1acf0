package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.agr4j.task.classification.LabelSmoothing;
import org.agr4j.zoo.ResNet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** With SGD at learning rate 1 what a step subtracts is the gradient of the mean loss. */
class GradientClippingTest {
  private static final String STATISTICS = ".*_(mean|var|log10stdev)";

  private static ComputationGraph network(double bound) {
    ComputationGraph graph =
        ResNet.resNet18()
            .inputShape(3, 8, 8)
            .numClasses(4)
            .width(2)
            .updater(new Sgd(1))
            .dataType(DataType.DOUBLE)
            .build()
            .init();
    if (bound > 0) {
      graph.setListeners(new GradientClipping(bound));
    }
    return graph;
  }

  /** Tensors before minus after one step, statistics of batch norm apart. */
  private static List<List<INDArray>> step(double bound) {
    ComputationGraph graph = network(bound);
    List<List<INDArray>> change = List.of(new ArrayList<>(), new ArrayList<>());
    var before = new LinkedHashMap<String, INDArray>();
    graph.paramTable().forEach((name, tensor) -> before.put(name, tensor.dup()));
    Nd4j.getRandom().setSeed(5);
    INDArray x = Nd4j.randn(DataType.DOUBLE, 6, 3, 8, 8);
    INDArray y = Nd4j.zeros(DataType.DOUBLE, 6, 4);
    for (int i = 0; i < 6; i++) {
      y.putScalar(i, i % 4, 1);
    }
    graph.fit(new DataSet(x, y));
    before.forEach(
        (name, tensor) ->
            change.get(name.matches(STATISTICS) ? 1 : 0).add(tensor.sub(graph.getParam(name))));
    return change;
  }

  private static double norm(List<INDArray> tensors) {
    return Math.sqrt(
        tensors.stream().mapToDouble(t -> Math.pow(t.norm2Number().doubleValue(), 2)).sum());
  }

  @Test
  void scalesTheWholeGradient() {
    List<List<INDArray>> free = step(0);
    double norm = norm(free.get(0));
    double bound = norm / 10;
    List<List<INDArray>> clipped = step(bound);
    assertEquals(bound, norm(clipped.get(0)), 1e-9 * bound);
    for (int i = 0; i < free.get(0).size(); i++) {
      assertTrue(free.get(0).get(i).div(10).equalsWithEps(clipped.get(0).get(i), 1e-9));
    }
    assertEquals(free.get(1), clipped.get(1), "running statistics are no gradients");
    assertEquals(free, step(norm * 1.01), "a bound that is not reached changes nothing");
  }

  @Test
  void smoothsLabels() {
    MultiDataSet batch =
        new DataSet(Nd4j.zeros(1, 1), Nd4j.createFromArray(new float[][] {{0, 1, 0, 0}}))
            .toMultiDataSet();
    batch = new LabelSmoothing(0.2).apply(batch, new Position(1, 1, 0));
    assertTrue(
        Nd4j.createFromArray(new float[][] {{.05f, .85f, .05f, .05f}})
            .equalsWithEps(batch.getLabels(0), 1e-6));
  }
}
