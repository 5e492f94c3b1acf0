package org.agr4j.task;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.agr4j.train.TaskType;

/** The kinds of things that can be learned, ours and those of other jars on the class path. */
public final class TaskTypes {
  private static final List<TaskType> ALL =
      ServiceLoader.load(TaskType.class).stream()
          .map(ServiceLoader.Provider::get)
          .sorted(Comparator.comparing(TaskType::name))
          .toList();

  private TaskTypes() {}

  /**
   * All of them, by name; the first, classification, is what is trained where no model is named.
   */
  public static List<TaskType> all() {
    return ALL;
  }

  /** The one that has a model of that name, in any case. */
  public static Optional<TaskType> ofModel(String model) {
    return all().stream()
        .filter(type -> type.models().stream().anyMatch(model::equalsIgnoreCase))
        .findFirst();
  }
}
