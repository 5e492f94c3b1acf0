package org.agr4j.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.agr4j.Agr;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.theory.PsiJacobian;
import org.agr4j.zoo.NamedNetwork;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The norm of Ψ's Jacobian at the gradients of a real training run, tensor by tensor, beside the
 * bounds of docs/theory.md; prints the table that stands there.
 */
class JacobianAlongTrainingTest {
  private static final int STEPS = 25;
  private static final int EVERY = 12;

  private record Row(int step, String tensor, PsiJacobian jacobian, double norm) {}

  @Test
  void theNormAtEveryWeightIsWithinTheBounds() {
    ComputationGraphConfiguration conf =
        Agr.adamW(2e-3)
            .applyTo(
                NamedNetwork.RESNET18
                    .builder(3, 32, 32)
                    .numClasses(10)
                    .width(8)
                    .seed(3)
                    .updater(new NoOp())
                    .build()
                    .conf());
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    FastCpuLayers.install(graph);
    List<Row> rows = new ArrayList<>();
    graph.setListeners(
        new BaseTrainingListener() {
          private int step;

          @Override
          public void onGradientCalculation(Model model) {
            if (step++ % EVERY == 0) {
              measure(model, step, rows);
            }
          }
        });
    Nd4j.getRandom().setSeed(4);
    INDArray patterns = Nd4j.randn(DataType.FLOAT, 10, 3, 32, 32);
    for (int i = 0; i < STEPS; i++) {
      graph.fit(batch(patterns, i));
    }

    for (int step = 1; step <= STEPS; step += EVERY) {
      Row largest = largest(rows, step);
      System.out.printf(
          Locale.ROOT,
          "JACOBIAN step %2d: largest norm %.6f, at %s of %d elements; bounds %.4f, %.3f, %.1f%n",
          step,
          largest.norm,
          largest.tensor,
          largest.jacobian.shares().length,
          largest.jacobian.bySmallShares(),
          largest.jacobian.byShares(),
          largest.jacobian.bySize());
    }
    assertTrue(rows.size() >= 60, rows.size() + " tensors");
    for (Row row : rows) {
      double norm = row.norm * (1 - 1e-9);
      assertTrue(norm <= row.jacobian.bySize(), row.tensor);
      assertTrue(norm <= row.jacobian.byShares(), row.tensor);
      assertTrue(norm <= row.jacobian.bySmallShares(), row.tensor);
    }
  }

  private static Row largest(List<Row> rows, int step) {
    Row largest = null;
    for (Row row : rows) {
      if (row.step == step && (largest == null || row.norm > largest.norm)) {
        largest = row;
      }
    }
    return largest;
  }

  private static void measure(Model model, int step, List<Row> rows) {
    model
        .gradient()
        .gradientForVariable()
        .forEach(
            (name, gradient) -> {
              if (name.endsWith("_W")) {
                double[] g = gradient.dup('c').reshape(gradient.length()).toDoubleVector();
                PsiJacobian jacobian = new PsiJacobian(g);
                rows.add(new Row(step, name, jacobian, jacobian.norm()));
              }
            });
  }

  private static DataSet batch(INDArray patterns, int step) {
    INDArray images = Nd4j.randn(DataType.FLOAT, 20, 3, 32, 32).muli(2);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 20, 10);
    for (int i = 0; i < 20; i++) {
      int label = (i + step) % 10;
      images.tensorAlongDimension(i, 1, 2, 3).addi(patterns.tensorAlongDimension(label, 1, 2, 3));
      labels.putScalar(i, label, 1);
    }
    return new DataSet(images, labels);
  }
}
