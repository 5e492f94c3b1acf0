package org.agr4j.diffusion;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import org.agr4j.input.BadInputException;
import org.agr4j.run.ModelFile;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A trained network that draws images, and what has to be known to use it: {@code diffusion.json}
 * in a run's {@code model.zip}.
 *
 * @param network as {@link org.agr4j.zoo.DiffusionUnet}
 * @param schedule the noise that it was trained with
 * @param channels of an image
 * @param height of an image
 * @param width of an image
 */
public record DiffusionModel(
    ComputationGraph network, NoiseSchedule schedule, int channels, int height, int width) {
  /** The name of its file. */
  public static final String ENTRY = "diffusion.json";

  private static final int LARGEST = 4096;
  private static final int MOST_TIMES = 1_000_000;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /** The content of the file. */
  private record Description(int channels, int height, int width, int times) {
    boolean isPossible() {
      return (channels == 1 || channels == 3)
          && height >= 1
          && height <= LARGEST
          && width >= 1
          && width <= LARGEST
          && times >= 2
          && times <= MOST_TIMES;
    }
  }

  /**
   * The content of the file for a network.
   *
   * @param shape channels, height and width of an image
   * @param times number T of times
   */
  public static String describe(long[] shape, int times) {
    try {
      return JSON.writeValueAsString(
          new Description((int) shape[0], (int) shape[1], (int) shape[2], times));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers are always JSON", e);
    }
  }

  /**
   * Reads a network, without trusting its file.
   *
   * @param file {@code model.zip} of a run
   * @throws BadInputException if it is damaged, not safe to read, or draws no images
   */
  public static DiffusionModel open(Path file) {
    try (ModelFile model = ModelFile.open(file)) {
      String json =
          model
              .text(ENTRY)
              .orElseThrow(
                  () ->
                      new BadInputException(
                          "%s has no %s, expected model.zip of a run of agr train --model ddpm-unet"
                              .formatted(file, ENTRY)));
      Description found = read(file, json);
      ComputationGraph network = model.network(false);
      if (network.getNumInputArrays() != 2 || network.getNumOutputArrays() != 1) {
        throw new BadInputException(
            "%s has a network of %d inputs and %d outputs, expected images and times, and noise"
                .formatted(file, network.getNumInputArrays(), network.getNumOutputArrays()));
      }
      return new DiffusionModel(
          network,
          NoiseSchedule.linear(found.times()),
          found.channels(),
          found.height(),
          found.width());
    }
  }

  private static Description read(Path file, String json) {
    try {
      Description found = JSON.readValue(json, Description.class);
      if (found != null && found.isPossible()) {
        return found;
      }
      throw new BadInputException(
          "%s: %s says %s, expected channels 1 or 3, sides up to %d, 2 times or more"
              .formatted(file, ENTRY, found, LARGEST));
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "%s: %s is not what agr train writes: %s"
              .formatted(
                  file,
                  ENTRY,
                  e.getOriginalMessage()
                      .lines()
                      .findFirst()
                      .orElse("")
                      .replaceAll("\\p{Cntrl}", " ")),
          e);
    }
  }

  /** Channels, height and width of an image. */
  public long[] shape() {
    return new long[] {channels, height, width};
  }
}
