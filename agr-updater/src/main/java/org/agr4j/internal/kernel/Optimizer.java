package org.agr4j.internal.kernel;

import java.util.List;

/** The two formulas a kernel knows, and the order in which a state view holds their moments. */
public enum Optimizer {
  /** AdamW: first moment m, second moment v. */
  ADAMW(1, -1, -1, "M", "V"),

  /** Adan: first moment m, gradient difference d, second moment n, last gradient g₋₁. */
  ADAN(2, 1, 3, "M", "D", "N", "LAST_GRADIENT");

  private final int secondMoment;
  private final int difference;
  private final int lastGradient;
  private final List<String> momentKeys;

  Optimizer(int secondMoment, int difference, int lastGradient, String... momentKeys) {
    this.secondMoment = secondMoment;
    this.difference = difference;
    this.lastGradient = lastGradient;
    this.momentKeys = List.of(momentKeys);
  }

  /** Names of the moments, as ND4J's state maps have them. */
  public List<String> momentKeys() {
    return momentKeys;
  }

  /** How many arrays of the block's length the state has. */
  public int moments() {
    return momentKeys.size();
  }

  /** Which moment is the first. */
  public int firstMoment() {
    return 0;
  }

  /** Which moment is the second, AdamW's v or Adan's n. */
  public int secondMoment() {
    return secondMoment;
  }

  /** Which moment is Adan's difference d, or −1. */
  public int difference() {
    return difference;
  }

  /** Which moment is Adan's last gradient, or −1. */
  public int lastGradient() {
    return lastGradient;
  }
}
