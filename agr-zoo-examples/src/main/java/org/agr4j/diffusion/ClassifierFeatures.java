package org.agr4j.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agr4j.data.ImagePreparation;
import org.agr4j.input.BadInputException;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.agr4j.run.ModelFile;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.SettingsFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a classifier that {@code agr train} trained makes of images: its last features, which are
 * what its output layer is given, and its probabilities. Distances by them tell networks apart that
 * draw the same kind of images; they are not the published FID and IS, which are an Inception
 * network's.
 */
public final class ClassifierFeatures implements ImageFeatures {
  private static final String OUTPUT = "output";
  private static final String NAMELESS = "classifier";

  private final Path file;
  private final String digest;
  private final ComputationGraph network;
  private final ImagePreparation preparation;
  private final String last;
  private final int count;

  private ClassifierFeatures(
      Path file, String digest, ComputationGraph network, ImagePreparation preparation) {
    this.file = file;
    this.digest = digest;
    this.network = network;
    this.preparation = preparation;
    this.last = network.getConfiguration().getVertexInputs().get(OUTPUT).get(0);
    int side = preparation.side();
    this.count = (int) of(Nd4j.zeros(1, 3, side, side)).features().size(1);
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
      return new ClassifierFeatures(file, FileDigest.sha256(file), network, preparation);
    }
  }

  /** As its run's settings have it, which lie beside the file; a word where they do not. */
  @Override
  public String name() {
    Path settings = file.toAbsolutePath().resolveSibling(RunFolder.SETTINGS);
    if (!Files.isRegularFile(settings)) {
      return NAMELESS;
    }
    String found =
        SettingsFile.value(
            RunFolder.existing(settings.getParent()).read(RunFolder.SETTINGS), "model");
    return found.matches("[\\w.-]+") ? found : NAMELESS;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public boolean hasProbabilities() {
    return true;
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public void requireShape(long[] shape) {
    int side = preparation.side();
    if (shape[0] != 3 || shape[1] != side || shape[2] != side) {
      throw new BadInputException(
          "%s classifies images of 3×%d×%d, found %d×%d×%d"
              .formatted(file, side, side, shape[0], shape[1], shape[2]));
    }
  }

  @Override
  public Answers of(INDArray images) {
    try {
      INDArray values = images.castTo(network.getConfiguration().getDataType());
      INDArray mean = ofChannels(preparation.mean(), values);
      INDArray deviation = ofChannels(preparation.deviation(), values);
      INDArray[] inputs = {
        values.subi(mean.broadcast(values.shape())).divi(deviation.broadcast(values.shape()))
      };
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

  private static INDArray ofChannels(List<Double> numbers, INDArray like) {
    double[] array = numbers.stream().mapToDouble(Double::doubleValue).toArray();
    return Nd4j.createFromArray(array).castTo(like.dataType()).reshape(1, array.length, 1, 1);
  }
}
