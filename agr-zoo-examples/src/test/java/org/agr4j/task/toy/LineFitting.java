package org.agr4j.task.toy;

import java.util.List;
import org.agr4j.optimizer.LearningRateSettings;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.train.DataProgress;
import org.agr4j.train.Task;
import org.agr4j.train.TaskType;

/** A toy: y = slope · x from noisy points. It is a service of the tests, so {@code agr} has it. */
public final class LineFitting implements TaskType {
  static final Setting<Double> SLOPE =
      Setting.number("slope", "NUMBER").help("Of the line (default 2).").fallback(2.0);
  static final Setting<Double> NOISE =
      Setting.number("noise", "NUMBER")
          .help("Deviation of the points from the line (default 0).")
          .check(v -> v >= 0 && v <= 10, "a number from 0 to 10")
          .fallback(0.0);
  static final Setting<Boolean> MEAN =
      Setting.flag("mean-weights").help("Measure the mean of the weights so far.").fallback(false);

  @Override
  public String name() {
    return "line fitting";
  }

  @Override
  public List<String> models() {
    return List.of("line");
  }

  @Override
  public List<Setting<?>> settings(DataProgress progress) {
    return List.of(
        LoopSettings.MODEL.among(models()).fallback("line"),
        SLOPE,
        NOISE,
        MEAN,
        LoopSettings.EPOCHS.fallback(4),
        LoopSettings.BATCH_SIZE.fallback(8),
        OptimizerSettings.OPTIMIZER,
        OptimizerSettings.AGR_MODE,
        OptimizerSettings.AGR_UNTIL,
        LearningRateSettings.LEARNING_RATE.fallback(1e-1),
        LearningRateSettings.SCHEDULE,
        LearningRateSettings.WARMUP_EPOCHS,
        LearningRateSettings.WARMUP,
        LearningRateSettings.WARMUP_START,
        LearningRateSettings.MILESTONES,
        LearningRateSettings.GAMMA,
        LearningRateSettings.MIN_LEARNING_RATE,
        OptimizerSettings.WEIGHT_DECAY.fallback(0.0),
        OptimizerSettings.TENSORS,
        LoopSettings.GRADIENT_CLIPPING,
        LoopSettings.WEIGHT_AVERAGE,
        LoopSettings.SEED);
  }

  @Override
  public void check(Settings settings) {
    OptimizerSettings.check(settings, LineTask.POINTS / settings.get(LoopSettings.BATCH_SIZE) + 1);
  }

  @Override
  public Task open(Settings settings, Task before, DataProgress progress) {
    return new LineTask(settings);
  }
}
