package org.agr4j.train;

import java.util.List;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;

/**
 * A kind of thing that can be learned. {@code --model} chooses it; implementations are found as
 * services ({@code META-INF/services/org.agr4j.train.TaskType}).
 */
public interface TaskType {
  /** Its name in messages, for example {@code classification}. */
  String name();

  /** Its networks, by the names that {@code --model} takes. */
  List<String> models();

  /**
   * All settings that mean something to it, the loop's and the optimizer's among them, in the order
   * in which they are told of; the default of each may use those before it.
   *
   * @param progress is shown where a default takes long, as with data that are downloaded
   */
  List<Setting<?>> settings(DataProgress progress);

  /**
   * Refuses settings that do not fit together.
   *
   * @throws org.agr4j.input.BadInputException in one line
   */
  void check(Settings settings);

  /**
   * Reads or makes the data of a run.
   *
   * @param settings the run's
   * @param before an opened task whose data may be used again if they are the same; null for none
   * @param progress is shown where that takes long
   */
  Task open(Settings settings, Task before, DataProgress progress);
}
