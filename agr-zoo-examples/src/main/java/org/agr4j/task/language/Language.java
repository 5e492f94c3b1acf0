package org.agr4j.task.language;

import java.util.List;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.train.DataProgress;
import org.agr4j.train.Task;
import org.agr4j.train.TaskType;

/** Language modelling by masked words and sentence order: the paper's Table 6. */
public final class Language implements TaskType {
  /** The name of the network. */
  static final String ALBERT = "albert";

  @Override
  public String name() {
    return "language";
  }

  @Override
  public List<String> models() {
    return List.of(ALBERT);
  }

  @Override
  public List<Setting<?>> settings(DataProgress progress) {
    return LanguageSettings.all(progress);
  }

  @Override
  public void check(Settings settings) {
    LanguageSettings.check(settings);
  }

  @Override
  public Task open(Settings settings, Task before, DataProgress progress) {
    return new LanguageTask(settings, LanguageTexts.of(settings, progress));
  }
}
