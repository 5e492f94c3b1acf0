package org.agr4j.task.diffusion;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.agr4j.diffusion.InceptionScore;
import org.agr4j.diffusion.NoiseSchedule;
import org.agr4j.diffusion.OnnxFeatures;
import org.agr4j.diffusion.SamplingPath;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.optimizer.ScheduleChoice;
import org.agr4j.settings.Fact;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.ClassificationSettings;
import org.agr4j.task.classification.ImageData;
import org.agr4j.train.DataProgress;
import org.agr4j.zoo.DiffusionUnet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The settings of denoising diffusion. Defaults are those of the paper's CIFAR-10 experiments but
 * for its weight average, which suits long runs only; on the built-in data, small enough for a
 * minute or two on two cores.
 */
public final class DiffusionSettings {
  private static final int QUARTERS = 4;
  private static final int MOST_TIMES = 100_000;
  private static final int MOST_SAMPLES = 400;
  private static final int DEFAULT_WIDTH = 128;
  private static final int DEFAULT_EPOCHS = 2000;
  private static final int DEFAULT_BATCH_SIZE = 128;
  private static final double DEFAULT_RATE = 2e-4;
  private static final int DEFAULT_SAMPLES = 64;
  private static final int DEFAULT_SAMPLE_STEPS = 50;
  private static final int SHEETS = 10;
  private static final int MOST_MEASURED = 1_000_000;
  private static final int DEFAULT_MEASURED = 500;
  private static final int DEFAULT_MEASURED_STEPS = 20;
  private static final String NONE = "none";
  private static final String WHOLE = "a whole number > 0";
  private static final int SYNTHETIC_WIDTH = 8;
  private static final int SYNTHETIC_EPOCHS = 3;
  private static final int SYNTHETIC_BATCH_SIZE = 20;
  private static final double SYNTHETIC_RATE = 2e-3;
  private static final int SYNTHETIC_SAMPLES = 16;
  private static final int SYNTHETIC_SAMPLE_STEPS = 10;
  private static final int SYNTHETIC_MEASURED = 100;
  private static final int SYNTHETIC_TEST = 100;

  /** Number T of times that noise is added in. */
  public static final Setting<Integer> TIMES =
      Setting.whole("times", "N")
          .help("Number T of times from image to noise (default 1000).")
          .check(n -> n >= QUARTERS && n <= MOST_TIMES, "a whole number from 4 to " + MOST_TIMES)
          .fallback(1000)
          .fact(Fact.of(Fact.Line.DATA, "", "%d times"::formatted));

  /** Groups of the network's norms. */
  public static final Setting<Integer> GROUPS =
      Setting.whole("groups", "N")
          .help("Groups of channels in each norm. Default width/4, 32 at most.")
          .check(n -> n >= 1, "a whole number > 0")
          .fallback(s -> DiffusionUnet.fittingGroups(s.get(ClassificationSettings.WIDTH)));

  /** Share of activations that is dropped in each block. */
  public static final Setting<Double> DROPOUT =
      Setting.number("dropout", "NUMBER")
          .help("Share of activations dropped in each block, 0 to 1 (default 0.1).")
          .check(v -> v >= 0 && v < 1, "a number >= 0 and < 1")
          .fallback(0.1)
          .fact(Fact.of(Fact.Line.REST, "dropout "));

  /** Whether training images are mirrored at random. */
  public static final Setting<Boolean> FLIP =
      Setting.flag("flip")
          .help("Mirror half of the training images, left to right.")
          .fallback(s -> false)
          .fact(Fact.of(Fact.Line.DATA, "", flip -> flip ? "horizontal flip" : null));

  /** Epochs between sheets of samples. */
  public static final Setting<Integer> SAMPLE_EVERY =
      Setting.whole("sample-every", "EPOCHS")
          .help(
              "Draw a sheet of samples every so many epochs and after the last, always from the "
                  + "same noise; 0 for none. Default a tenth of the epochs.")
          .check(n -> n >= 0, "a whole number >= 0")
          .fallback(s -> Math.max(1, s.get(LoopSettings.EPOCHS) / SHEETS));

  /** Samples on a sheet. */
  public static final Setting<Integer> SAMPLES =
      Setting.whole("samples", "N")
          .help("Samples on a sheet. Default 64, built-in data 16.")
          .check(n -> n >= 1 && n <= MOST_SAMPLES, "a whole number from 1 to " + MOST_SAMPLES)
          .fallback(s -> ofData(s, SYNTHETIC_SAMPLES, DEFAULT_SAMPLES));

  /** Steps of DDIM for a sheet. */
  public static final Setting<Integer> SAMPLE_STEPS =
      Setting.whole("sample-steps", "N")
          .help("DDIM's steps for a sheet, fewer than times. Default 50, built-in data 10.")
          .check(n -> n >= 1, "a whole number > 0")
          .fallback(
              s ->
                  Math.min(
                      s.get(TIMES) - 1, ofData(s, SYNTHETIC_SAMPLE_STEPS, DEFAULT_SAMPLE_STEPS)));

  /** The network whose features measure how near samples are to real images; null for none. */
  public static final Setting<String> FEATURES =
      Setting.place("features", "FILE", NONE)
          .help(
              "model.zip of a classifier of the same images, or a network in ONNX: measures FID and "
                  + "IS of samples by its features every few epochs, with --weight-average of both "
                  + "networks. A classifier's are not those of publications. Default none.")
          .fallback(NONE)
          .storedIf(DiffusionSettings::isJudged)
          .fact(new Fact<>(Fact.Line.DATA, "", DiffusionSettings::features));

  /** What black and white are to a network in ONNX. */
  public static final Setting<List<Double>> FEATURES_RANGE =
      Setting.numbers("features-range", "LOW,HIGH")
          .help(
              "With --features FILE.onnx: the values of black and white that it takes (default -1,1).")
          .check(v -> v.size() == 2 && v.get(0) < v.get(1), "two numbers, the second larger")
          .fallback(s -> OnnxFeatures.isOnnx(s.get(FEATURES)) ? OnnxFeatures.USUAL_RANGE : null);

  /** Epochs between measurements of samples. */
  public static final Setting<Integer> FID_EVERY =
      Setting.whole("fid-every", "EPOCHS")
          .help(
              "With --features: measure every so many epochs and after the last. Default a tenth of "
                  + "the epochs.")
          .check(n -> n >= 1, WHOLE)
          .fallback(s -> isJudged(s) ? Math.max(1, s.get(LoopSettings.EPOCHS) / SHEETS) : null);

  /** Samples that are measured. */
  public static final Setting<Integer> FID_SAMPLES =
      Setting.whole("fid-samples", "N")
          .help(
              "With --features: samples to measure, more than features, always from the same noise. "
                  + "Default 500, built-in data 100.")
          .check(
              n -> n >= InceptionScore.PARTS && n <= MOST_MEASURED,
              "a whole number from %d to %d".formatted(InceptionScore.PARTS, MOST_MEASURED))
          .fallback(s -> isJudged(s) ? ofData(s, SYNTHETIC_MEASURED, DEFAULT_MEASURED) : null);

  /** Steps of DDIM to a sample that is measured. */
  public static final Setting<Integer> FID_STEPS =
      Setting.whole("fid-steps", "N")
          .help(
              "With --features: DDIM's steps to a sample, fewer than times. Default 20, built-in data 10.")
          .check(n -> n >= 1, WHOLE)
          .fallback(
              s ->
                  isJudged(s)
                      ? Math.min(
                          s.get(TIMES) - 1,
                          ofData(s, SYNTHETIC_SAMPLE_STEPS, DEFAULT_MEASURED_STEPS))
                      : null);

  private static final List<Setting<?>> OF_FEATURES = List.of(FID_EVERY, FID_SAMPLES, FID_STEPS);

  private DiffusionSettings() {}

  /** Whether samples of a run are measured. */
  static boolean isJudged(Settings s) {
    return !s.get(FEATURES).equals(NONE);
  }

  private static String features(String file, Settings s) {
    return file.equals(NONE)
        ? null
        : "FID of %,d samples in %d steps by %s"
            .formatted(s.get(FID_SAMPLES), s.get(FID_STEPS), file);
  }

  private static <T> T ofData(Settings s, T synthetic, T real) {
    return ClassificationSettings.isSynthetic(s) ? synthetic : real;
  }

  /** All of them, in the order of help and facts. */
  static List<Setting<?>> all(DataProgress progress) {
    Setting<String> model =
        LoopSettings.MODEL
            .among(List.of(Diffusion.MODEL))
            .help("Network: %s (default ddpm-unet).")
            .fallback(Diffusion.MODEL);
    List<Setting<?>> network =
        List.of(
            ClassificationSettings.WIDTH
                .help("Channels of the first level, even. Default 128, built-in data 8.")
                .check(n -> n % 2 == 0, "an even number")
                .fallback(s -> ofData(s, SYNTHETIC_WIDTH, DEFAULT_WIDTH)),
            GROUPS,
            DROPOUT,
            TIMES);
    List<Setting<?>> loop =
        List.of(
            LoopSettings.EPOCHS
                .help("Default 2000, built-in data " + SYNTHETIC_EPOCHS + ".")
                .fallback(s -> ofData(s, SYNTHETIC_EPOCHS, DEFAULT_EPOCHS)),
            LoopSettings.BATCH_SIZE
                .help(
                    "Default 128, built-in data %d. Images that do not fill a batch are left out of an epoch."
                        .formatted(SYNTHETIC_BATCH_SIZE))
                .fallback(s -> ofData(s, SYNTHETIC_BATCH_SIZE, DEFAULT_BATCH_SIZE)),
            FLIP,
            OptimizerSettings.OPTIMIZER
                .help("%s (default adan-agr).")
                .fallback(OptimizerChoice.ADAN_AGR),
            OptimizerSettings.AGR_MODE,
            OptimizerSettings.AGR_UNTIL,
            LearningRateSettings.LEARNING_RATE
                .help("Default 2e-4, built-in data 2e-3.")
                .fallback(s -> ofData(s, SYNTHETIC_RATE, DEFAULT_RATE)));
    List<Setting<?>> last =
        List.of(
            OptimizerSettings.WEIGHT_DECAY
                .help("Decoupled for adamw, proximal for adan, L2 for the others (default 0).")
                .fallback(0.0),
            OptimizerSettings.TENSORS,
            LoopSettings.GRADIENT_CLIPPING
                .help(
                    "Largest 2-norm of the whole gradient, before AGR; 0 is no limit (default 1).")
                .fallback(1.0),
            LoopSettings.WEIGHT_AVERAGE,
            SAMPLE_EVERY,
            SAMPLES,
            SAMPLE_STEPS,
            FEATURES,
            FEATURES_RANGE,
            FID_EVERY,
            FID_SAMPLES,
            FID_STEPS,
            LoopSettings.SEED);
    return Stream.of(
            List.<Setting<?>>of(model),
            ImageData.place(progress),
            network,
            ImageData.amount().stream()
                .<Setting<?>>map(DiffusionSettings::withFewerTestImages)
                .toList(),
            loop,
            LearningRateSettings.ofSchedule().stream()
                .<Setting<?>>map(DiffusionSettings::constant)
                .toList(),
            last)
        .<Setting<?>>flatMap(List::stream)
        .toList();
  }

  private static Setting<?> withFewerTestImages(Setting<?> setting) {
    return setting.equals(ClassificationSettings.LIMIT_TEST)
        ? ClassificationSettings.limitTest(SYNTHETIC_TEST)
        : setting;
  }

  private static Setting<?> constant(Setting<?> setting) {
    return setting.equals(LearningRateSettings.SCHEDULE)
        ? LearningRateSettings.SCHEDULE
            .help("Of the learning rate: %s (default constant).")
            .fallback(ScheduleChoice.CONSTANT)
        : setting;
  }

  /** Refuses settings that do not fit together. */
  static void check(Settings s) {
    ImageData.check(s);
    int test = s.get(ClassificationSettings.LIMIT_TEST);
    if (test < QUARTERS) {
      throw new BadInputException(
          "%s is %d, expected 4 or more, one image for each quarter of the times"
              .formatted(ClassificationSettings.LIMIT_TEST, test));
    }
    checkSteps(s, SAMPLE_STEPS);
    checkRange(s);
    if (isJudged(s)) {
      checkSteps(s, FID_STEPS);
    } else {
      for (Setting<?> setting : OF_FEATURES) {
        if (s.isGiven(setting)) {
          throw new BadInputException(
              "%s is given without %s, expected both".formatted(setting, FEATURES));
        }
      }
    }
    network(s, 3, ImageData.side(s), ImageData.side(s));
    OptimizerSettings.check(s, steps(s));
  }

  private static void checkRange(Settings s) {
    if (s.isGiven(FEATURES_RANGE) && !OnnxFeatures.isOnnx(s.get(FEATURES))) {
      throw new BadInputException(
          "%s is given with %s %s, expected a file %s"
              .formatted(FEATURES_RANGE, FEATURES, s.get(FEATURES), OnnxFeatures.ENDING));
    }
  }

  private static void checkSteps(Settings s, Setting<Integer> steps) {
    int times = s.get(TIMES);
    if (s.get(steps) > times - 1) {
      throw new BadInputException(
          "%s is %d with %s %d, expected 1 to %d"
              .formatted(steps, s.get(steps), TIMES, times, times - 1));
    }
  }

  /** Steps of an epoch: whole batches only, unless there is none. */
  static int steps(Settings s) {
    return Math.max(1, s.get(ClassificationSettings.LIMIT_TRAIN) / s.get(LoopSettings.BATCH_SIZE));
  }

  /** The noise of a run. */
  static NoiseSchedule schedule(Settings s) {
    return NoiseSchedule.linear(s.get(TIMES));
  }

  /** The steps to a sheet of samples. */
  static SamplingPath path(Settings s) {
    return SamplingPath.ddim(schedule(s), s.get(SAMPLE_STEPS), 0);
  }

  /** The steps to a sample that is measured. */
  static SamplingPath measuredPath(Settings s) {
    return SamplingPath.ddim(schedule(s), s.get(FID_STEPS), 0);
  }

  /**
   * The network of a run, without an optimizer.
   *
   * @throws BadInputException if it does not fit the images
   */
  static ComputationGraphConfiguration network(Settings s, int channels, int height, int width) {
    try {
      return DiffusionUnet.builder()
          .inputShape(channels, height, width)
          .width(s.get(ClassificationSettings.WIDTH))
          .groups(s.get(GROUPS))
          .dropout(s.get(DROPOUT))
          .seed(s.get(LoopSettings.SEED))
          .updater(new NoOp())
          .build()
          .conf();
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "%s %s does not fit: %s"
              .formatted(
                  LoopSettings.MODEL,
                  s.get(LoopSettings.MODEL).toLowerCase(Locale.ROOT),
                  e.getMessage()),
          e);
    }
  }
}
