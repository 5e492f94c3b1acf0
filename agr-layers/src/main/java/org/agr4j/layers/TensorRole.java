package org.agr4j.layers;

/** What a trained tensor of a layer is for, as far as an optimizer treats kinds differently. */
public enum TensorRole {
  /** Matrix or kernel of a dense layer, an attention or a convolution. */
  WEIGHT,
  /** Constant that is added to each output channel. */
  BIAS,
  /** Scale or shift of a normalization, or a layer scale: one number a channel. */
  NORM,
  /** Table that is looked up: positions, offsets between positions, tokens. */
  TABLE,
  /** Running mean or variance, which no optimizer touches. */
  STATISTIC
}
