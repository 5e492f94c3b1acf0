package org.agr4j.spark;

/**
 * How the networks of a cluster's workers become one. In both modes each worker computes Ψ of its
 * own gradient; Ψ is not linear, so that is not Ψ of the mean gradient.
 */
public enum ClusterMode {
  /** Workers train apart for some steps; then parameters and optimizer states are averaged. */
  AVERAGING("averaging"),
  /** Workers send each other the large elements of every update, and keep the rest for later. */
  SHARING("sharing");

  private final String label;

  ClusterMode(String label) {
    this.label = label;
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return label;
  }
}
