package org.agr4j.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.image.BufferedImage;
import java.util.List;
import org.agr4j.data.image.ImageFit;
import org.agr4j.input.BadInputException;

/**
 * How an image becomes a network's input, and what its outputs are called: {@code images.json} in a
 * run's {@code model.zip}, which DL4J passes over. So a trained network is used on images as it was
 * trained on them.
 *
 * @param side height and width in pixels
 * @param fit how an image of another form becomes a square
 * @param mean means of red, green and blue, of values from 0 to 1
 * @param deviation their standard deviations, all &gt; 0
 * @param classes names of the classes, in the order of the outputs
 */
public record ImagePreparation(
    int side, ImageFit fit, List<Double> mean, List<Double> deviation, List<String> classes) {
  /** The name of its file. */
  public static final String ENTRY = "images.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();
  private static final int CHANNELS = 3;

  /**
   * Checks the values; they may come from a stranger.
   *
   * @throws BadInputException if one is missing or out of range, or a name has control characters
   */
  public ImagePreparation {
    require(side >= 1 && side <= FolderForm.LARGEST_SIDE, "side is " + side);
    require(fit != null && mean != null && deviation != null && classes != null, "a value is null");
    require(mean.size() == CHANNELS && deviation.size() == CHANNELS, "no 3 means and deviations");
    for (int i = 0; i < CHANNELS; i++) {
      require(mean.get(i) != null && Double.isFinite(mean.get(i)), "a mean is no number");
      require(
          deviation.get(i) != null && deviation.get(i) > 0 && Double.isFinite(deviation.get(i)),
          "a deviation is no number > 0");
    }
    require(!classes.isEmpty(), "it names no classes");
    for (String name : classes) {
      require(
          name != null && name.codePoints().noneMatch(Character::isISOControl),
          "a class has no name, or one with control characters");
    }
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    classes = List.copyOf(classes);
  }

  private static void require(boolean holds, String found) {
    if (!holds) {
      throw new BadInputException(
          "%s: %s, expected side, fit, mean, deviation and classes of agr train"
              .formatted(ENTRY, found));
    }
  }

  /** That of a data set's images; {@code fit} is for images of another size. */
  public static ImagePreparation of(ImageSplits data, ImageFit fit) {
    return new ImagePreparation(
        data.train().height(),
        fit,
        data.standardization().mean(),
        data.standardization().deviation(),
        data.classNames());
  }

  /** The content of its file. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and names are always JSON", e);
    }
  }

  /**
   * Reads the content of its file.
   *
   * @param source what to call it in a message
   * @param json the content
   * @throws BadInputException if it is anything else
   */
  public static ImagePreparation ofJson(String source, String json) {
    try {
      ImagePreparation read = JSON.readValue(json, ImagePreparation.class);
      require(read != null, "it is null");
      return read;
    } catch (BadInputException e) {
      throw new BadInputException(
          "%s is not what agr train writes: %s".formatted(source, e.getMessage()), e);
    } catch (JsonProcessingException e) {
      String reason =
          e.getCause() instanceof BadInputException refusal
              ? refusal.getMessage()
              : e.getOriginalMessage().lines().findFirst().orElse("it is empty");
      throw new BadInputException(
          "%s is not what agr train writes: %s"
              .formatted(source, reason.replaceAll("\\p{Cntrl}", " ")),
          e);
    }
  }

  /**
   * A network's input of an image.
   *
   * @param image of type INT_RGB; not modified
   * @return [1, 3, side, side], row-major, standardised
   */
  public float[] input(BufferedImage image) {
    byte[] pixels = new byte[CHANNELS * side * side];
    fit.fit(image, side, pixels, 0);
    float[] input = new float[pixels.length];
    Standardization standardization =
        new Standardization(
            mean.stream().mapToDouble(Double::doubleValue).toArray(),
            deviation.stream().mapToDouble(Double::doubleValue).toArray());
    int plane = side * side;
    for (int channel = 0; channel < CHANNELS; channel++) {
      standardization.apply(channel, pixels, channel * plane, input, channel * plane, plane);
    }
    return input;
  }
}
