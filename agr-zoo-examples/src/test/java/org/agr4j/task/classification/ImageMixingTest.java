package org.agr4j.task.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.File;
import java.util.Map;
import org.agr4j.train.Position;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** Golden numbers of timm's mixup, cutmix and soft targets. */
class ImageMixingTest {
  private static Map<String, INDArray> golden;

  @BeforeAll
  static void read() throws Exception {
    golden =
        Nd4j.createFromNpzFile(
            new File(ImageMixingTest.class.getResource("/golden/training.npz").toURI()));
  }

  private static INDArray array(String name) {
    return golden.get(name).dup('c');
  }

  private static double number(String name) {
    return golden.get(name).getDouble(0);
  }

  private static int whole(String name, int index) {
    return (int) golden.get(name).getDouble(index);
  }

  private static INDArray smoothed() {
    int classes = whole("classes", 0);
    INDArray labels = Nd4j.zeros(DataType.DOUBLE, golden.get("labels").length(), classes);
    for (int i = 0; i < labels.size(0); i++) {
      labels.putScalar(i, whole("labels", i), 1);
    }
    MultiDataSet batch = new MultiDataSet(array("images"), labels);
    new LabelSmoothing(number("smoothing")).apply(batch, new Position(1, 1, 0));
    return batch.getLabels(0);
  }

  private static void assertClose(INDArray expected, INDArray found) {
    assertArrayEquals(expected.dup('c').data().asDouble(), found.dup('c').data().asDouble(), 1e-12);
  }

  @Test
  void mixup() {
    INDArray images = array("images");
    INDArray targets = smoothed();
    ImageMixing.blend(images, number("mixup/lambda"));
    ImageMixing.blend(targets, number("mixup/lambda"));
    assertClose(golden.get("mixup/images"), images);
    assertClose(golden.get("mixup/targets"), targets);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cutmix1/", "cutmix2/", "cutmix3/"})
  void cutmix(String name) {
    INDArray images = array("images");
    int height = (int) images.size(2);
    int width = (int) images.size(3);
    ImageMixing.Box box =
        ImageMixing.Box.of(
            height,
            width,
            number(name + "lambda"),
            whole(name + "centre", 0),
            whole(name + "centre", 1));
    assertEquals(
        new ImageMixing.Box(
            whole(name + "box", 0),
            whole(name + "box", 1),
            whole(name + "box", 2),
            whole(name + "box", 3)),
        box);
    assertEquals(number(name + "lambda_kept"), box.kept(height, width), 1e-12);
    ImageMixing.exchange(images, box);
    assertClose(golden.get(name + "images"), images);
    INDArray targets = smoothed();
    ImageMixing.blend(targets, box.kept(height, width));
    assertClose(golden.get(name + "targets"), targets);
  }

  /** DL4J's cross entropy takes soft targets. */
  @Test
  void lossAndGradientOfSoftTargets() {
    INDArray targets = array("mixup/targets");
    long n = targets.size(0);
    LossMCXENT loss = new LossMCXENT();
    assertEquals(
        number("loss/soft"),
        loss.computeScore(targets, array("loss/logits"), new ActivationSoftmax(), null, true),
        1e-9);
    assertClose(
        golden.get("loss/soft_grad"),
        loss.computeGradient(targets, array("loss/logits"), new ActivationSoftmax(), null).div(n));
    assertEquals(
        number("loss/smoothed"),
        loss.computeScore(smoothed(), array("loss/logits"), new ActivationSoftmax(), null, true),
        1e-9);
  }

  /** The same position draws the same, another another. */
  @Test
  void drawsFromThePosition() {
    INDArray once = mixed(new Position(3, 2, 32));
    assertEquals(once, mixed(new Position(3, 2, 32)));
    assertNotEquals(once, mixed(new Position(3, 2, 48)));
    assertNotEquals(once, mixed(new Position(3, 3, 32)));
  }

  private static INDArray mixed(Position position) {
    MultiDataSet batch = new MultiDataSet(array("images"), smoothed());
    new ImageMixing(0.8, 1).apply(batch, position);
    return batch.getFeatures(0);
  }
}
