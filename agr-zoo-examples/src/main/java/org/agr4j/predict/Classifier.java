package org.agr4j.predict;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.agr4j.data.ImagePreparation;
import org.agr4j.data.image.ImageDecoder;
import org.agr4j.input.BadInputException;
import org.agr4j.run.ModelFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained network that tells what an image shows.
 *
 * <pre>{@code
 * Classifier classifier = Classifier.open(Path.of("model.zip"));
 * List<Classifier.Answer> answers = classifier.classify(Files.readAllBytes(photo), "photo", 5);
 * }</pre>
 *
 * <p>The image is decoded, turned upright, brought to the network's size and standardised as the
 * training images were ({@link ImagePreparation}).
 */
public final class Classifier {
  /**
   * A class and how sure the network is of it.
   *
   * @param name the class
   * @param probability 0 to 1
   */
  public record Answer(String name, double probability) {}

  private final String source;
  private final ComputationGraph graph;
  private final ImagePreparation preparation;

  private Classifier(String source, ComputationGraph graph, ImagePreparation preparation) {
    this.source = source;
    this.graph = graph;
    this.preparation = preparation;
  }

  /**
   * Reads a network, without trusting its file.
   *
   * @param file {@code model.zip} of a run
   * @throws BadInputException if it is damaged, not safe to read, or no classifier of images
   */
  public static Classifier open(Path file) {
    try (ModelFile model = ModelFile.open(file)) {
      String json =
          model
              .text(ImagePreparation.ENTRY)
              .orElseThrow(
                  () ->
                      new BadInputException(
                          "%s has no %s, so what its outputs mean is not known: expected model.zip of a run of agr train that classifies images, of this version or later"
                              .formatted(file, ImagePreparation.ENTRY)));
      ImagePreparation preparation =
          ImagePreparation.ofJson(file + ": " + ImagePreparation.ENTRY, json);
      ComputationGraph graph = model.network(false);
      if (graph.getNumInputArrays() != 1 || graph.getNumOutputArrays() != 1) {
        throw new BadInputException(
            "%s has a network of %d inputs and %d outputs, expected one of each"
                .formatted(file, graph.getNumInputArrays(), graph.getNumOutputArrays()));
      }
      return new Classifier(file.toString(), graph, preparation);
    }
  }

  /** Names of the classes. */
  public List<String> classes() {
    return preparation.classes();
  }

  /**
   * The most probable classes of an image, the first first; equals by their order in the network.
   *
   * @param image content of an image file; not modified
   * @param name what to call it in a message
   * @param top how many, at most
   * @throws BadInputException if the image cannot be decoded, or the network does not fit it
   */
  public List<Answer> classify(byte[] image, String name, int top) {
    float[] input = preparation.input(ImageDecoder.decode(image, name, (width, height) -> {}));
    double[] probabilities = probabilities(input);
    return IntStream.range(0, probabilities.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -probabilities[i]))
        .limit(top)
        .map(i -> new Answer(classes().get(i), probabilities[i]))
        .toList();
  }

  private double[] probabilities(float[] input) {
    int side = preparation.side();
    INDArray output;
    try {
      INDArray features = Nd4j.create(input, new int[] {1, 3, side, side}, 'c');
      output = graph.outputSingle(features.castTo(graph.getConfiguration().getDataType()));
    } catch (RuntimeException e) {
      throw new BadInputException(
          "%s has a network that does not take images of 3×%d×%d: %s"
              .formatted(
                  source,
                  side,
                  side,
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    if (output.length() != classes().size()) {
      throw new BadInputException(
          "%s has a network of %d outputs, expected one for each of its %d classes"
              .formatted(source, output.length(), classes().size()));
    }
    return output.toDoubleVector();
  }
}
