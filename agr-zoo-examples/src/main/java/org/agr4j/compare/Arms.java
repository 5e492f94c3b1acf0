package org.agr4j.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;

/**
 * The arms that {@code --arms} names: {@code learning-rate=1e-3,3e-3,weight-decay=0,1e-2} varies
 * two settings, each value of one with each value of the other.
 */
public final class Arms {
  private static final String OPTION = "--arms";

  private Arms() {}

  /**
   * Crosses arms with the values of settings. A setting with one value is held against the value
   * that holds without it.
   *
   * @param arms the arms so far
   * @param words the option's words: {@code name=value}, and further values alone
   * @param declared the settings that can be varied
   * @param standard the settings of an arm as they are without these words
   * @throws BadInputException if a setting or value does not exist, or is there twice
   */
  public static List<Arm> cross(
      List<Arm> arms,
      List<String> words,
      List<Setting<?>> declared,
      Function<Arm, Settings> standard) {
    List<Arm> crossed = arms;
    for (Map.Entry<String, List<String>> varied : values(words).entrySet()) {
      crossed = cross(crossed, setting(varied.getKey(), declared), varied.getValue(), standard);
    }
    return crossed;
  }

  private static Map<String, List<String>> values(List<String> words) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    String name = null;
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals >= 0) {
        name = word.substring(0, equals).strip().replaceFirst("^--", "");
        if (values.put(name, new ArrayList<>()) != null) {
          throw new BadInputException(OPTION + " has " + name + " twice, expected it once");
        }
      } else if (name == null) {
        throw new BadInputException(
            OPTION + " is '" + word + "', expected name=value, such as weight-decay=0,1e-2");
      }
      values.get(name).add(word.substring(equals + 1).strip());
    }
    return values;
  }

  private static Setting<?> setting(String name, List<Setting<?>> declared) {
    Setting<?> setting =
        declared.stream()
            .filter(s -> s.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "%s has '%s', expected a setting out of %s"
                            .formatted(
                                OPTION, name, declared.stream().map(Setting::name).toList())));
    if (setting.isList() || setting.equals(LoopSettings.SEED) || setting.isFlag()) {
      throw new BadInputException(
          "%s has '%s', which cannot be varied; seeds are --seeds".formatted(OPTION, name));
    }
    if (setting.equals(OptimizerSettings.OPTIMIZER)) {
      throw new BadInputException(OPTION + " has 'optimizer', expected it in --optimizers");
    }
    return setting;
  }

  private static <T> List<Arm> cross(
      List<Arm> arms, Setting<T> setting, List<String> texts, Function<Arm, Settings> standard) {
    Set<T> values = new LinkedHashSet<>();
    for (String text : texts) {
      if (!values.add(setting.parse(text, OPTION + " " + setting.name()))) {
        throw new BadInputException(
            "%s has %s=%s twice, expected different values"
                .formatted(OPTION, setting.name(), text));
      }
    }
    List<Arm> crossed = new ArrayList<>();
    if (values.size() == 1) {
      for (Arm arm : arms) {
        T usual = standard.apply(arm).get(setting);
        if (!values.contains(usual)) {
          crossed.add(arm.with(setting, usual));
        }
      }
    }
    for (T value : values) {
      arms.forEach(arm -> crossed.add(arm.with(setting, value)));
    }
    return crossed;
  }
}
