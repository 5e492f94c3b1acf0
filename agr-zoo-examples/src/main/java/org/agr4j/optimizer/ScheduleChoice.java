package org.agr4j.optimizer;

/** How the learning rate goes down. */
public enum ScheduleChoice {
  /** The rate is the same in every step. */
  CONSTANT("constant"),
  /** The rate is multiplied by a factor at given epochs. */
  MULTI_STEP("multi-step"),
  /** The rate follows half a cosine over the run, step by step. */
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
