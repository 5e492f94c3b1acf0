package org.agr4j.diffusion;

import java.nio.file.Path;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What a trained network makes of images, real or drawn: the features that {@link FrechetDistance}
 * is a distance by, and the probabilities that {@link InceptionScore} is a score of.
 */
public interface ImageFeatures {
  /**
   * What a network makes of images.
   *
   * @param features [images, features]
   * @param probabilities [images, classes], rows that sum to 1; null of a network without classes
   */
  record Answers(INDArray features, INDArray probabilities) {}

  /**
   * Reads a network: {@link OnnxFeatures} where the file's name ends so, else {@link
   * ClassifierFeatures}.
   *
   * @param file the network
   * @param range for ONNX, the values of black and white that it takes
   * @throws org.agr4j.input.BadInputException in one line, if it is none
   */
  static ImageFeatures open(Path file, List<Double> range) {
    return OnnxFeatures.isOnnx(file.toString())
        ? OnnxFeatures.open(file, range)
        : ClassifierFeatures.open(file);
  }

  /** The network's name in tables, for example {@code resnet18}. */
  String name();

  /** Number of features of an image. */
  int count();

  /** Whether it has probabilities, too. */
  boolean hasProbabilities();

  /** SHA-256 of the network and of how it is given images, in hexadecimal digits. */
  String digest();

  /**
   * Refuses images of another size than the network takes.
   *
   * @param shape channels, height and width
   * @throws org.agr4j.input.BadInputException in one line
   */
  void requireShape(long[] shape);

  /**
   * What the network makes of images.
   *
   * @param images [N, 3, height, width] of 0 to 1, eight bits divided by 255; may be modified
   * @throws org.agr4j.input.BadInputException if the network does not take them
   */
  Answers of(INDArray images);

  /**
   * Drawn images as their files have them: rounded to eight bits, and divided by 255.
   *
   * @param images of any shape around −1 to 1; not modified
   */
  static INDArray rounded(INDArray images) {
    INDArray levels =
        Transforms.round(images.castTo(DataType.FLOAT).add(1).muli(127.5), false); // as ImageSheet
    return Transforms.max(Transforms.min(levels, 255), 0).divi(255);
  }
}
