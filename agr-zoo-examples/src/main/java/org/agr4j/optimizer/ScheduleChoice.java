package org.agr4j.optimizer;

/** How the learning rate goes down. */
public enum ScheduleChoice {
  /** It does not. */
  CONSTANT("constant"),
  /** Multiplied by a factor at given epochs. */
  MULTI_STEP("multi-step"),
  /** Half a cosine over the run, step by step. */
  COSINE("cosine");

  private final String label;

  ScheduleChoice(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
