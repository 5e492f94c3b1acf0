package org.agr4j.layers;

/**
 * The kind of a tensor of a layer, as far as optimizers treat kinds differently. {@link
 * TensorInitializer} and {@link ChannelsLastLayer} say it to the world through DL4J's interfaces.
 */
enum Role {
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
