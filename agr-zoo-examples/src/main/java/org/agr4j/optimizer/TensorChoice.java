package org.agr4j.optimizer;

/** Which tensors get Ψ and weight decay. */
public enum TensorChoice {
  /** Weights of dense and convolutional layers, as the paper's text has it. */
  WEIGHTS("weights"),
  /** Biases and batch norm, too, as in the released code; DL4J decays no batch norm. */
  ALL("all");

  private final String label;

  TensorChoice(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
