package org.agr4j.task.classification;

import java.util.List;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.train.DataProgress;
import org.agr4j.train.Task;
import org.agr4j.train.TaskType;
import org.agr4j.zoo.NamedNetwork;

/** Image classification: the paper's Tables 3 to 5 and 7. */
public final class Classification implements TaskType {
  @Override
  public String name() {
    return "classification";
  }

  @Override
  public List<String> models() {
    return NamedNetwork.labels(network -> true);
  }

  @Override
  public List<Setting<?>> settings(DataProgress progress) {
    return ClassificationSettings.all(progress);
  }

  @Override
  public void check(Settings settings) {
    ClassificationSettings.check(settings);
  }

  @Override
  public Task open(Settings settings, Task before, DataProgress progress) {
    return ClassificationTask.open(
        settings, before instanceof ClassificationTask same ? same : null, progress);
  }
}
