package org.agr4j.diffusion;

import java.nio.file.Path;
import java.util.List;
import org.agr4j.data.ImagePreparation;
import org.agr4j.data.Standardization;
import org.agr4j.input.BadInputException;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.run.ModelFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What a classifier that {@code agr train} trained makes of images: its last features, which are
 * what its output layer is given, and its probabilities. Distances by them tell networks apart that
 * draw the same kind of images; they are not the published FID and IS, which are an Inception
 * network's.
 */
public final class ClassifierFeatures {
  private static final String OUTPUT = "output";
  private static final float HALF_RANGE = 127.5f;
  private static final int BRIGHTEST = 255;

  private final Path file;
  private final ComputationGraph network;
  private final ImagePreparation preparation;
  private final String last;

  /**
   * What it makes of images.
   *
   * @param features [images, features]
   * @param probabilities [images, classes]
   */
  public record Answers(INDArray features, INDArray probabilities) {}

  private ClassifierFeatures(Path file, ComputationGraph network, ImagePreparation preparation) {
    this.file = file;
    this.network = network;
    this.preparation = preparation;
    this.last = network.getConfiguration().getVertexInputs().get(OUTPUT).get(0);
  }

  /**
   * Reads a classifier, without trusting its file.
   *
   * @param file {@code model.zip} of a run
   * @throws BadInputException if it is damaged, not safe to read, or no classifier of images
   */
  public static ClassifierFeatures open(Path file) {
    try (ModelFile model = ModelFile.open(file)) {
      String json =
          model
              .text(ImagePreparation.ENTRY)
              .orElseThrow(
                  () ->
                      new BadInputException(
                          "%s has no %s, expected model.zip of a run of agr train that classifies images"
                              .formatted(file, ImagePreparation.ENTRY)));
      ImagePreparation preparation =
          ImagePreparation.ofJson(file + ": " + ImagePreparation.ENTRY, json);
      ComputationGraph network = model.network(false);
      List<String> inputs = network.getConfiguration().getVertexInputs().get(OUTPUT);
      if (network.getNumInputArrays() != 1 || inputs == null || inputs.size() != 1) {
        throw new BadInputException(
            "%s has a network of %d inputs, expected one input and a layer \"%s\""
                .formatted(file, network.getNumInputArrays(), OUTPUT));
      }
      FastCpuLayers.install(network);
      return new ClassifierFeatures(file, network, preparation);
    }
  }

  /** How the images of a data set are standardised for it. */
  public Standardization standardization() {
    return new Standardization(
        preparation.mean().stream().mapToDouble(Double::doubleValue).toArray(),
        preparation.deviation().stream().mapToDouble(Double::doubleValue).toArray());
  }

  /**
   * Refuses images of another size.
   *
   * @throws BadInputException in one line
   */
  public void requireSide(long[] shape) {
    int side = preparation.side();
    if (shape[0] != 3 || shape[1] != side || shape[2] != side) {
      throw new BadInputException(
          "%s classifies images of 3×%d×%d, found %d×%d×%d"
              .formatted(file, side, side, shape[0], shape[1], shape[2]));
    }
  }

  /** Number of features, found on a black image. */
  public int count() {
    int side = preparation.side();
    return (int) of(Nd4j.zeros(1, 3, side, side)).features().size(1);
  }

  /**
   * What it makes of standardised images.
   *
   * @param images [N, 3, side, side], not modified
   * @throws BadInputException if the network does not take them
   */
  public Answers of(INDArray images) {
    try {
      INDArray[] inputs = {images.castTo(network.getConfiguration().getDataType())};
      INDArray[] found = network.output(List.of(last, OUTPUT), false, inputs, null);
      long n = images.size(0);
      return new Answers(found[0].reshape(n, found[0].length() / n), found[1]);
    } catch (RuntimeException e) {
      throw new BadInputException(
          "%s has a network that does not take images of %d×%d: %s"
              .formatted(
                  file,
                  preparation.side(),
                  preparation.side(),
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  /**
   * What it makes of drawn images, rounded to 8 bits as their files are.
   *
   * @param images [N, 3, side, side] around −1 to 1, not modified
   */
  public Answers ofDrawn(INDArray images) {
    INDArray levels = Transforms.round(images.add(1).muli(HALF_RANGE), false);
    INDArray values = Transforms.max(Transforms.min(levels, BRIGHTEST), 0).divi(BRIGHTEST);
    INDArray mean = ofChannels(preparation.mean(), values);
    INDArray deviation = ofChannels(preparation.deviation(), values);
    return of(
        values.subi(mean.broadcast(values.shape())).divi(deviation.broadcast(values.shape())));
  }

  private static INDArray ofChannels(List<Double> numbers, INDArray like) {
    double[] array = numbers.stream().mapToDouble(Double::doubleValue).toArray();
    return Nd4j.createFromArray(array).castTo(like.dataType()).reshape(1, array.length, 1, 1);
  }
}
