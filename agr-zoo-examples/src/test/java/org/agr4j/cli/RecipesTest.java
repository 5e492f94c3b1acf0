package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.data.Augmentation;
import org.agr4j.data.DatasetChoice;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.optimizer.ScheduleChoice;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.optimizer.WarmupChoice;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.AugmentChoice;
import org.agr4j.task.classification.AugmentationSettings;
import org.agr4j.task.classification.ClassificationSettings;
import org.agr4j.task.classification.NetworkSettings;
import org.agr4j.task.language.LanguageSettings;
import org.agr4j.train.SmallRuns;
import org.agr4j.updater.AgrMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Every value of the recipes, and every default they leave alone, is the paper's or its code's. */
class RecipesTest {
  /** Data are not part of a recipe; images at hand stand in for them. */
  private static Settings of(String recipe, String... more) {
    String[] args = new String[3 + more.length];
    args[0] = "--recipe=" + recipe;
    args[1] = "--limit-train=100";
    args[2] = "--limit-test=10";
    System.arraycopy(more, 0, args, 3, more.length);
    CommandLine line = new CommandLine(new TrainCommand());
    Choices.register(line);
    Presets.apply(line, args);
    line.parseArgs(args);
    return new SettingOptions(line.getCommandSpec()).settings(Map.of(LoopSettings.SEED.name(), 7L));
  }

  private static Settings paper(DatasetChoice dataset, int batchSize) {
    return new SmallRuns.Given()
        .with(LoopSettings.MODEL, "resnet18")
        .with(ClassificationSettings.WIDTH, 64)
        .with(ClassificationSettings.DATASET, dataset)
        .with(ClassificationSettings.DATA, "synthetic")
        .with(ClassificationSettings.LIMIT_TRAIN, 100)
        .with(ClassificationSettings.LIMIT_TEST, 10)
        .with(AugmentationSettings.AUGMENT, AugmentChoice.STANDARD)
        .with(OptimizerSettings.OPTIMIZER, OptimizerChoice.ADAMW_AGR)
        .with(OptimizerSettings.WEIGHT_DECAY, 5e-4)
        .with(OptimizerSettings.AGR_MODE, AgrMode.FIRST_MOMENT)
        .with(OptimizerSettings.AGR_UNTIL, Integer.MAX_VALUE)
        .with(OptimizerSettings.TENSORS, TensorChoice.WEIGHTS)
        .with(LearningRateSettings.LEARNING_RATE, 1e-3)
        .with(LearningRateSettings.SCHEDULE, ScheduleChoice.MULTI_STEP)
        .with(LearningRateSettings.WARMUP_EPOCHS, 1.0)
        .with(LearningRateSettings.MILESTONES, List.of(60, 120, 160))
        .with(LearningRateSettings.GAMMA, 0.2)
        .with(LearningRateSettings.MIN_LEARNING_RATE, 0.0)
        .with(LoopSettings.EPOCHS, 200)
        .with(LoopSettings.BATCH_SIZE, batchSize)
        .with(ClassificationSettings.LABEL_SMOOTHING, 0.0)
        .with(LoopSettings.GRADIENT_CLIPPING, 0.0)
        .with(LoopSettings.SEED, 7L)
        .settings();
  }

  @Test
  void cifar100() {
    assertEquals(paper(DatasetChoice.CIFAR100, 128), of("cifar100", "--data=synthetic"));
  }

  /** Batches of 128 on each of two GPUs. */
  @Test
  void tinyImageNet() {
    assertEquals(paper(DatasetChoice.TINY_IMAGENET, 256), of("tiny-imagenet", "--data=synthetic"));
  }

  /** What the three releases have in common, and the network's own sizes. */
  private static SmallRuns.Given release(String model, int width, double dropPath) {
    return new SmallRuns.Given()
        .with(LoopSettings.MODEL, model)
        .with(ClassificationSettings.WIDTH, width)
        .with(NetworkSettings.DROP_PATH, dropPath)
        .with(ClassificationSettings.DATASET, DatasetChoice.TINY_IMAGENET)
        .with(ClassificationSettings.DATA, Path.of("images.zip").toAbsolutePath().toString())
        .with(ClassificationSettings.LIMIT_TRAIN, 100)
        .with(ClassificationSettings.LIMIT_TEST, 10)
        .with(AugmentationSettings.AUGMENT, AugmentChoice.CROP_FLIP)
        .with(AugmentationSettings.RAND_AUGMENT, 2)
        .with(AugmentationSettings.RAND_AUGMENT_MAGNITUDE, 9.0)
        .with(AugmentationSettings.ERASING, 0.25)
        .with(ClassificationSettings.MIXUP, 0.8)
        .with(ClassificationSettings.CUTMIX, 1.0)
        .with(ClassificationSettings.LABEL_SMOOTHING, 0.1)
        .with(OptimizerSettings.OPTIMIZER, OptimizerChoice.ADAMW_AGR)
        .with(OptimizerSettings.WEIGHT_DECAY, 0.05)
        .with(OptimizerSettings.AGR_MODE, AgrMode.FIRST_MOMENT)
        .with(OptimizerSettings.AGR_UNTIL, Integer.MAX_VALUE)
        .with(OptimizerSettings.TENSORS, TensorChoice.WEIGHTS)
        .with(LearningRateSettings.SCHEDULE, ScheduleChoice.COSINE)
        .with(LearningRateSettings.WARMUP_EPOCHS, 20.0)
        .with(LoopSettings.EPOCHS, 300)
        .with(LoopSettings.SEED, 7L);
  }

  @Test
  void convNeXt() {
    assertEquals(
        release("convnext-t", 96, 0.1)
            .with(LearningRateSettings.LEARNING_RATE, 4e-3)
            .with(LearningRateSettings.WARMUP, WarmupChoice.CONVNEXT)
            .with(LearningRateSettings.WARMUP_START, 0.0)
            .with(LearningRateSettings.MIN_LEARNING_RATE, 1e-6)
            .with(LoopSettings.BATCH_SIZE, 1024)
            .with(LoopSettings.GRADIENT_CLIPPING, 0.0)
            .with(LoopSettings.WEIGHT_AVERAGE, 0.9999)
            .settings(),
        of("convnext", "--data=images.zip"));
  }

  /** Swin and TinyViT differ in where the cosine begins. */
  private static Settings microsoft(String model, int width, double dropPath, WarmupChoice warmup) {
    return release(model, width, dropPath)
        .with(LearningRateSettings.LEARNING_RATE, 2.5e-4)
        .with(LearningRateSettings.WARMUP, warmup)
        .with(LearningRateSettings.WARMUP_START, 2.5e-7)
        .with(LearningRateSettings.MIN_LEARNING_RATE, 2.5e-6)
        .with(LoopSettings.BATCH_SIZE, 256)
        .with(LoopSettings.GRADIENT_CLIPPING, 5.0)
        .with(LoopSettings.WEIGHT_AVERAGE, 0.0)
        .settings();
  }

  @Test
  void swin() {
    assertEquals(microsoft("swin-t", 96, 0.2, WarmupChoice.SWIN), of("swin", "--data=images.zip"));
    assertEquals(
        microsoft("swin-s", 96, 0.3, WarmupChoice.SWIN),
        of("swin", "--data=images.zip", "--model=swin-s"));
  }

  @ParameterizedTest
  @CsvSource({"tinyvit-5m, 64, 0", "tinyvit-11m, 64, 0.1", "tinyvit-21m, 96, 0.2"})
  void tinyVit(String model, int width, double dropPath) {
    assertEquals(
        microsoft(model, width, dropPath, WarmupChoice.TINYVIT),
        of("tinyvit", "--data=images.zip", "--model=" + model));
  }

  /** Table 7 is of TinyViT-11M. */
  @Test
  void tinyVitIsTheOneOfTheAblation() {
    assertEquals("tinyvit-11m", of("tinyvit", "--data=images.zip").get(LoopSettings.MODEL));
  }

  @Test
  void allAreListed() {
    String help = Outcome.agr("train", "--help").out();
    for (String name : Recipes.NAMES) {
      assertTrue(help.contains(name), name);
    }
    Outcome.agr("train", "--recipe=resnet")
        .refused(1, "--recipe is resnet, expected " + String.join(", ", Recipes.NAMES));
  }

  /** The paper's Table 7 with a few made-up images: the same recipe, AGR off after an epoch. */
  @Test
  void table7(@TempDir Path folder) throws IOException {
    Path out = folder.resolve("out");
    Outcome.agr(
            "ablate",
            "--recipe=tinyvit",
            "--agr-until=0,1,2",
            "--dataset=cifar10",
            "--data=synthetic",
            "--width=8",
            "--epochs=2",
            "--warmup-epochs=1",
            "--batch-size=4",
            "--limit-train=8",
            "--limit-test=4",
            "--seeds=1",
            "--out=" + out)
        .done();
    for (int until = 0; until <= 2; until++) {
      String settings =
          Files.readString(out.resolve("adamw-agr-until-" + until + "/seed-1/settings.yaml"));
      for (String line :
          List.of(
              "model: tinyvit-11m",
              "warmup: tinyvit",
              "rand-augment: 2",
              "erasing: 0.25",
              "drop-path: 0.1",
              "gradient-clipping: 5.0")) {
        assertTrue(settings.lines().anyMatch(line::equals), settings + " has no " + line);
      }
      assertEquals(until < 2, settings.contains("agr-until: " + until), settings);
    }
    String report = Files.readString(out.resolve("report.md"));
    assertTrue(report.contains("tinyvit-11m") && report.contains("RandAugment 2"), report);
  }

  /** 857,772 parameters with BERT's vocabulary; what is left out is the task's default. */
  @Test
  void albert() {
    Settings s = of("albert", "--data=synthetic");
    assertEquals(
        List.of(512, 64, 24, 256, 6, 1, 75, 30_522, 3),
        List.of(
            s.get(LanguageSettings.LENGTH),
            s.get(LanguageSettings.WIDTH),
            s.get(LanguageSettings.EMBEDDING),
            s.get(LanguageSettings.FEED_FORWARD),
            s.get(LanguageSettings.REPEATS),
            s.get(LanguageSettings.HEADS),
            s.get(LanguageSettings.PREDICTIONS),
            s.get(LanguageSettings.VOCABULARY_SIZE),
            s.get(LanguageSettings.MASK_RUN)));
    assertEquals(
        List.of(.1, .5, .15, 1e-4, 5e-4),
        List.of(
            s.get(LanguageSettings.SHORT_SHARE),
            s.get(LanguageSettings.SWAP_SHARE),
            s.get(LanguageSettings.MASK_SHARE),
            s.get(LearningRateSettings.LEARNING_RATE),
            s.get(OptimizerSettings.WEIGHT_DECAY)));
    assertEquals(ScheduleChoice.CONSTANT, s.get(LearningRateSettings.SCHEDULE));
    assertEquals(25, s.get(LoopSettings.EPOCHS));
    assertEquals(16, s.get(LoopSettings.BATCH_SIZE));
    assertEquals(false, s.get(LanguageSettings.TIED));
    assertEquals(false, s.get(LanguageSettings.SHUFFLE));
    assertEquals(
        "lines mask", s.get(LanguageSettings.PAIRS) + " " + s.get(LanguageSettings.MASK_BY));
  }

  /** Padding 4, mirror images, ±15°. */
  @Test
  void augmentation() {
    assertEquals(4, Augmentation.CIFAR.padding());
    assertEquals(true, Augmentation.CIFAR.flip());
    assertEquals(15, Augmentation.CIFAR.rotationDegrees());
  }

  /** DDPM: 200 steps of warm-up are so many epochs of 390 batches. */
  @Test
  void ddpm() {
    String[] args = {"--recipe=ddpm", "--data=synthetic", "--limit-train=50000", "--limit-test=8"};
    CommandLine line = new CommandLine(new TrainCommand());
    Choices.register(line);
    Presets.apply(line, args);
    line.parseArgs(args);
    Map<String, Object> found =
        new SettingOptions(line.getCommandSpec()).settings(Map.of()).stored();
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("model", "ddpm-unet");
    expected.put("dataset", "cifar10");
    expected.put("data", "synthetic");
    expected.put("width", 128);
    expected.put("groups", 32);
    expected.put("dropout", 0.1);
    expected.put("times", 1000);
    expected.put("limit-train", 50000);
    expected.put("limit-test", 8);
    expected.put("epochs", 2000);
    expected.put("batch-size", 128);
    expected.put("flip", true);
    expected.put("optimizer", "adan-agr");
    expected.put("agr-mode", "first-moment");
    expected.put("learning-rate", 2e-4);
    expected.put("schedule", "constant");
    expected.put("warmup-epochs", 0.512821);
    expected.put("warmup", "ddpm");
    expected.put("warmup-start", 0.0);
    expected.put("gamma", 0.2);
    expected.put("min-learning-rate", 0.0);
    expected.put("weight-decay", 0.0);
    expected.put("tensors", "weights");
    expected.put("gradient-clipping", 1.0);
    expected.put("weight-average", 0.9999);
    expected.put("sample-every", 400);
    expected.put("samples", 16); // 64 on real images
    expected.put("sample-steps", 100);
    expected.put("seed", 1L);
    assertEquals(expected, found);
    assertEquals(200, Math.round(0.512821 * (50_000 / 128)));
  }
}
