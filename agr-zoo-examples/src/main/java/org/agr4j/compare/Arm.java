package org.agr4j.compare;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.optimizer.OptimizerSettings;
import org.agr4j.optimizer.TensorChoice;
import org.agr4j.settings.Setting;
import org.agr4j.updater.AgrMode;

/**
 * One side of a comparison: the values of the settings in which it differs from others.
 *
 * <p>A value: immutable, compared by its settings' values.
 */
public final class Arm {
  private static final String ALL_TENSORS = "all-tensors";

  private final Map<Setting<?>, Object> values;

  private Arm(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * An arm that differs from others in its optimizer.
   *
   * @param optimizer its optimizer
   * @param mode what sees Ψ; null for the optimizer's default
   * @param agrUntil epochs with Ψ; null for all
   */
  public Arm(OptimizerChoice optimizer, AgrMode mode, Integer agrUntil) {
    this(new LinkedHashMap<>());
    values.put(OptimizerSettings.OPTIMIZER, optimizer);
    if (mode != null) {
      values.put(OptimizerSettings.AGR_MODE, mode);
    }
    if (agrUntil != null) {
      values.put(OptimizerSettings.AGR_UNTIL, agrUntil);
    }
  }

  /** The same with a value of one setting more. */
  public <T> Arm with(Setting<T> setting, T value) {
    Map<Setting<?>, Object> more = new LinkedHashMap<>(values);
    more.put(setting, value);
    return new Arm(more);
  }

  /**
   * Reads an optimizer as users write it: {@code adamw}, {@code adamw-agr}, {@code
   * adamw-agr:all-moments}, {@code adamw-agr:all-moments:all-tensors}.
   *
   * @throws BadInputException if there is no such optimizer, mode or choice of tensors
   */
  public static Arm parse(String text) {
    List<String> parts = List.of(text.strip().split(":", -1));
    OptimizerChoice optimizer =
        Arrays.stream(OptimizerChoice.values())
            .filter(choice -> choice.toString().equalsIgnoreCase(parts.get(0)))
            .findFirst()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "--optimizers has '%s', expected names out of %s"
                            .formatted(
                                text,
                                Arrays.stream(OptimizerChoice.values())
                                    .map(OptimizerChoice::toString)
                                    .collect(Collectors.joining(", ")))));
    Arm arm = new Arm(optimizer, null, null);
    for (String part : parts.subList(1, parts.size())) {
      arm = arm.with(part, text);
    }
    return arm;
  }

  private Arm with(String part, String text) {
    boolean hasMode = values.containsKey(OptimizerSettings.AGR_MODE);
    boolean hasTensors = values.containsKey(OptimizerSettings.TENSORS);
    if (optimizer().shrinks() && !hasMode && !hasTensors) {
      for (AgrMode mode : new AgrMode[] {AgrMode.FIRST_MOMENT, AgrMode.ALL_MOMENTS}) {
        if (OptimizerSettings.label(mode).equalsIgnoreCase(part)) {
          return with(OptimizerSettings.AGR_MODE, mode);
        }
      }
    }
    boolean choosesTensors =
        optimizer().plain() == OptimizerChoice.ADAMW || optimizer().plain() == OptimizerChoice.ADAN;
    if (choosesTensors && ALL_TENSORS.equalsIgnoreCase(part) && !hasTensors) {
      return with(OptimizerSettings.TENSORS, TensorChoice.ALL);
    }
    throw new BadInputException(
        "--optimizers has '%s', expected a mode (first-moment or all-moments) only after adamw-agr, adan-agr or their placebos, all-tensors at the end of an AdamW or Adan"
            .formatted(text));
  }

  @SuppressWarnings("unchecked")
  private <T> T get(Setting<T> setting) {
    return (T) values.get(setting);
  }

  /** The optimizer that this arm trains with. */
  public OptimizerChoice optimizer() {
    return get(OptimizerSettings.OPTIMIZER);
  }

  /** Epochs with Ψ; null for all. */
  public Integer agrUntil() {
    return get(OptimizerSettings.AGR_UNTIL);
  }

  private boolean hasOtherMode() {
    AgrMode mode = get(OptimizerSettings.AGR_MODE);
    return mode != null && mode != AgrMode.FIRST_MOMENT;
  }

  /** The same with the optimizer without AGR, which other arms may be held against. */
  public Arm withoutAgr() {
    Map<Setting<?>, Object> plain = new LinkedHashMap<>(values);
    plain.put(OptimizerSettings.OPTIMIZER, optimizer().plain());
    plain.remove(OptimizerSettings.AGR_MODE);
    plain.remove(OptimizerSettings.AGR_UNTIL);
    return new Arm(plain);
  }

  /** The same with the placebo in place of AGR; itself if it has no AGR. */
  public Arm withPlacebo() {
    Map<Setting<?>, Object> placebo = new LinkedHashMap<>(values);
    placebo.put(OptimizerSettings.OPTIMIZER, optimizer().placebo());
    return new Arm(placebo);
  }

  /** The settings it has other values of, by name. */
  public Map<String, Object> given() {
    Map<String, Object> given = new LinkedHashMap<>();
    values.forEach((setting, value) -> given.put(setting.name(), value));
    return given;
  }

  /**
   * A name for files: {@code adamw-agr}, {@code adamw-agr-all-moments}, {@code adamw-agr-until-5},
   * {@code adamw-weight-decay-0.01}.
   */
  public String name() {
    String name =
        optimizer()
            + (hasOtherMode() ? "-" + OptimizerSettings.label(get(OptimizerSettings.AGR_MODE)) : "")
            + (agrUntil() == null ? "" : "-until-" + agrUntil());
    return name
        + others((setting, text) -> "-" + setting + "-" + text.replaceAll("[^\\w.+-]", "_"));
  }

  /** A name for people: {@code AdamW(AGR)}, {@code Adan(AGR), all moments}. */
  public String title() {
    String title =
        optimizer().title()
            + (hasOtherMode() ? ", all moments" : "")
            + (agrUntil() == null ? "" : " until epoch " + agrUntil());
    return title + others((setting, text) -> ", " + setting.replace('-', ' ') + " " + text);
  }

  private String others(BinaryOperator<String> form) {
    StringBuilder all = new StringBuilder();
    values.forEach(
        (setting, value) -> {
          if (!setting.equals(OptimizerSettings.OPTIMIZER)
              && !setting.equals(OptimizerSettings.AGR_MODE)
              && !setting.equals(OptimizerSettings.AGR_UNTIL)) {
            all.append(form.apply(setting.name(), text(setting)));
          }
        });
    return all.toString();
  }

  private <T> String text(Setting<T> setting) {
    return setting.text(get(setting));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Arm a && values.equals(a.values);
  }

  @Override
  public int hashCode() {
    return Objects.hash(values);
  }

  @Override
  public String toString() {
    return name();
  }
}
