package org.agr4j.task.diffusion;

import java.util.List;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.train.DataProgress;
import org.agr4j.train.Task;
import org.agr4j.train.TaskType;

/** Denoising diffusion of the images of a data set: the paper's Tables 1, 2 and 8. */
public final class Diffusion implements TaskType {
  /** The name of its network. */
  public static final String MODEL = "ddpm-unet";

  @Override
  public String name() {
    return "diffusion";
  }

  @Override
  public List<String> models() {
    return List.of(MODEL);
  }

  @Override
  public List<Setting<?>> settings(DataProgress progress) {
    return DiffusionSettings.all(progress);
  }

  @Override
  public void check(Settings settings) {
    DiffusionSettings.check(settings);
  }

  @Override
  public Task open(Settings settings, Task before, DataProgress progress) {
    return DiffusionTask.open(
        settings, before instanceof DiffusionTask same ? same : null, progress);
  }
}
