package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.agr4j.data.Augmentation;
import org.agr4j.data.DatasetChoice;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.optimizer.ScheduleChoice;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Settings;
import org.agr4j.task.classification.AugmentChoice;
import org.agr4j.task.classification.AugmentationSettings;
import org.agr4j.task.classification.ClassificationSettings;
import org.agr4j.train.SmallRuns;
import org.agr4j.updater.AgrMode;
import org.junit.jupiter.api.Test;
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

  /** Padding 4, mirror images, ±15°. */
  @Test
  void augmentation() {
    assertEquals(4, Augmentation.CIFAR.padding());
    assertEquals(true, Augmentation.CIFAR.flip());
    assertEquals(15, Augmentation.CIFAR.rotationDegrees());
  }
}
