package org.agr4j.task.classification;

import java.util.List;
import org.agr4j.data.Augmentation;
import org.agr4j.data.ImageSet;
import org.agr4j.data.augment.RandAugment;
import org.agr4j.data.augment.RandomErasing;
import org.agr4j.settings.Fact;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;

/** The settings of what is done to a training image each time it is used. */
public final class AugmentationSettings {
  /** Crop, flip and rotation. */
  public static final Setting<AugmentChoice> AUGMENT =
      Setting.choice("augment", "NAME", AugmentChoice.class)
          .help(
              "standard (crop with padding, flip, rotation up to 15 degrees), crop-flip (without "
                  + "rotation) or none. Default standard, built-in data none.")
          .fallback(
              s ->
                  ClassificationSettings.isSynthetic(s)
                      ? AugmentChoice.NONE
                      : AugmentChoice.STANDARD)
          .fact(Fact.of(Fact.Line.DATA, "augmentation: "));

  private static final int MOST_OPERATIONS = 15;

  /** Operations of RandAugment. */
  public static final Setting<Integer> RAND_AUGMENT =
      Setting.whole("rand-augment", "N")
          .help(
              "RandAugment: N operations on colours and shape of each image, as timm's "
                  + "rand-m9-mstd0.5-inc1 (default 0, none; the releases of ConvNeXt, Swin and "
                  + "TinyViT have 2).")
          .check(n -> n >= 0 && n <= MOST_OPERATIONS, "a whole number from 0 to " + MOST_OPERATIONS)
          .fallback(0)
          .storedIf(s -> s.get(AugmentationSettings.RAND_AUGMENT) > 0)
          .fact(
              new Fact<>(
                  Fact.Line.REST,
                  "RandAugment ",
                  (n, s) ->
                      n == 0
                          ? null
                          : n
                              + " operations of magnitude "
                              + s.get(AugmentationSettings.RAND_AUGMENT_MAGNITUDE)));

  /** How strong they are. */
  public static final Setting<Double> RAND_AUGMENT_MAGNITUDE =
      Setting.number("rand-augment-magnitude", "NUMBER")
          .help("Of --rand-augment: how strong its operations are, 0 to 10 (default 9).")
          .check(v -> v >= 0 && v <= 10, "a number from 0 to 10")
          .fallback(RandAugment.USUAL_MAGNITUDE)
          .storedIf(s -> s.get(RAND_AUGMENT) > 0);

  /** The probability of random erasing. */
  public static final Setting<Double> ERASING =
      Setting.number("erasing", "NUMBER")
          .help("Share of the images in which a rectangle becomes noise (default 0, none).")
          .check(v -> v >= 0 && v <= 1, "a number from 0 to 1")
          .fallback(0.0)
          .storedIf(s -> s.get(AugmentationSettings.ERASING) > 0)
          .fact(Fact.of(Fact.Line.REST, "random erasing ", v -> v == 0 ? null : String.valueOf(v)));

  private AugmentationSettings() {}

  /** All of them, in the order of help and facts. */
  static List<Setting<?>> all() {
    return List.of(AUGMENT, RAND_AUGMENT, RAND_AUGMENT_MAGNITUDE, ERASING);
  }

  /** What is done to images of that size. */
  static Augmentation of(Settings s, ImageSet images) {
    return s.get(AUGMENT)
        .forImages(images)
        .with(
            new RandAugment(s.get(RAND_AUGMENT), s.get(RAND_AUGMENT_MAGNITUDE)),
            new RandomErasing(s.get(ERASING)));
  }
}
