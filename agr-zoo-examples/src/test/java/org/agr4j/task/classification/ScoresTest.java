package org.agr4j.task.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

class ScoresTest {
  @Test
  void agreesWithNd4jWhereItsEvaluationHolds() {
    Nd4j.getRandom().setSeed(1);
    INDArray probabilities = Transforms.softmax(Nd4j.randn(200, 12).mul(2));
    INDArray labels = Nd4j.zeros(200, 12);
    Scores scores = new Scores();
    double loss = 0;
    for (int i = 0; i < 200; i++) {
      int label = i % 12;
      labels.putScalar(i, label, 1);
      scores.add(probabilities.getRow(i).toFloatVector(), label);
      loss -= Math.log(probabilities.getDouble(i, label)) / 200;
    }
    List<String> names = IntStream.range(0, 12).mapToObj(Integer::toString).toList();
    Evaluation reference = new Evaluation(names, 5);
    reference.eval(labels, probabilities);
    assertEquals(reference.accuracy(), scores.top1(), 1e-12);
    assertEquals(reference.topNAccuracy(), scores.top5(), 1e-12);
    assertTrue(scores.top1() > 0 && scores.top1() < scores.top5() && scores.top5() < 1);
    assertEquals(loss, scores.loss(), 1e-6);
  }

  @Test
  void whatSaysNothingScoresNothing() {
    Scores constant = new Scores();
    constant.add(new float[] {.1f, .1f, .1f, .1f, .1f, .1f, .1f, .1f, .1f, .1f}, 3);
    assertEquals(0, constant.top1());
    assertEquals(0, constant.top5());
    assertEquals(Math.log(10), constant.loss(), 1e-6);
    Scores nan = new Scores();
    nan.add(new float[] {Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN}, 3);
    assertEquals(0, nan.top5());
    assertTrue(Double.isNaN(nan.loss()));
  }

  @Test
  void aZeroProbabilityHasAFiniteLoss() {
    Scores scores = new Scores();
    scores.add(new float[] {1, 0}, 1);
    assertEquals(-Math.log(1e-30), scores.loss(), 1e-5);
  }
}
