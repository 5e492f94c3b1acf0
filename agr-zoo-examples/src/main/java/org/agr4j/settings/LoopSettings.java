package org.agr4j.settings;

/** The settings that every run has, whatever is learned in it. */
public final class LoopSettings {
  /** What is trained; it decides the task. */
  public static final Setting<String> MODEL = Setting.text("model", "NAME");

  private static final int MOST_EPOCHS = 1_000_000;

  /** Passes over the training examples. */
  public static final Setting<Integer> EPOCHS =
      Setting.whole("epochs", "N")
          .check(n -> n >= 1 && n <= MOST_EPOCHS, "a whole number from 1 to " + MOST_EPOCHS)
          .fact(Fact.of(Fact.Line.DATA, "", "%d epochs"::formatted));

  /** Examples in a step. */
  public static final Setting<Integer> BATCH_SIZE =
      Setting.whole("batch-size", "N")
          .check(n -> n >= 1, "a whole number > 0")
          .fact(Fact.of(Fact.Line.DATA, "batches of "));

  /** The largest 2-norm of the whole gradient, before Ψ; 0 for none. */
  public static final Setting<Double> GRADIENT_CLIPPING =
      Setting.number("gradient-clipping", "NUMBER")
          .help("Largest 2-norm of the whole gradient; 0 is no limit (default 0).")
          .check(v -> v >= 0 && v < Double.POSITIVE_INFINITY, "a number >= 0")
          .fallback(0.0)
          .fact(
              Fact.of(Fact.Line.REST, "gradient clipping ", v -> v == 0 ? "none" : "at norm " + v));

  /** Decay of an average of the weights, which is measured in their place; 0 for none. */
  public static final Setting<Double> WEIGHT_AVERAGE =
      Setting.number("weight-average", "DECAY")
          .help(
              "After each step a = DECAY a + (1 - DECAY) w; a is tested and saved as model.zip, w "
                  + "beside it as model-unaveraged.zip (default 0, none; 0.9999 suits long runs).")
          .check(v -> v >= 0 && v < 1, "a number >= 0 and < 1")
          .fallback(0.0)
          .storedIf(s -> s.get(LoopSettings.WEIGHT_AVERAGE) > 0)
          .fact(
              Fact.of(
                  Fact.Line.REST,
                  "weight average ",
                  v -> v == 0 ? null : v + ", tested in place of the weights"));

  /** What determines initial weights and everything else that is drawn. */
  public static final Setting<Long> SEED =
      Setting.longNumber("seed", "N")
          .help("Of the initial weights and the order of images (default 1).")
          .fallback(1L);

  private LoopSettings() {}
}
