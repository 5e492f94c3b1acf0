package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.agr4j.data.Augmentation;
import org.agr4j.data.DatasetChoice;
import org.agr4j.train.AugmentChoice;
import org.agr4j.train.LearningRateSettings;
import org.agr4j.train.ModelChoice;
import org.agr4j.train.OptimizerChoice;
import org.agr4j.train.OptimizerSettings;
import org.agr4j.train.ScheduleChoice;
import org.agr4j.train.TensorChoice;
import org.agr4j.train.TrainSettings;
import org.agr4j.updater.AgrMode;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Every value of the recipes, and every default they leave alone, is the paper's or its code's. */
class RecipesTest {
  @Command
  private static final class Settings {
    @Mixin private SettingsOptions options;
  }

  /** Data are not part of a recipe; images at hand stand in for them. */
  private static TrainSettings of(String recipe, String... more) {
    String[] args = new String[3 + more.length];
    args[0] = "--recipe=" + recipe;
    args[1] = "--limit-train=100";
    args[2] = "--limit-test=10";
    System.arraycopy(more, 0, args, 3, more.length);
    Settings settings = new Settings();
    CommandLine line = new CommandLine(settings);
    Choices.register(line);
    Presets.apply(line, args);
    line.parseArgs(args);
    return settings.options.settings(OptimizerChoice.ADAMW_AGR, null, null, 7);
  }

  private static TrainSettings paper(DatasetChoice dataset, int batchSize) {
    return new TrainSettings(
        ModelChoice.RESNET18,
        64,
        dataset,
        "synthetic",
        100,
        10,
        AugmentChoice.STANDARD,
        new OptimizerSettings(
            OptimizerChoice.ADAMW_AGR,
            5e-4,
            AgrMode.FIRST_MOMENT,
            Integer.MAX_VALUE,
            TensorChoice.WEIGHTS),
        new LearningRateSettings(1e-3, ScheduleChoice.MULTI_STEP, 1, List.of(60, 120, 160), 0.2, 0),
        200,
        batchSize,
        0,
        0,
        7);
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

  /** Padding 4, mirror images, ±15°. */
  @Test
  void augmentation() {
    assertEquals(4, Augmentation.CIFAR.padding());
    assertEquals(true, Augmentation.CIFAR.flip());
    assertEquals(15, Augmentation.CIFAR.rotationDegrees());
  }
}
