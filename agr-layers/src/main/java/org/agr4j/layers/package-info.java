/**
 * Layers of modern networks for any DL4J network: norms, attention, depthwise convolutions,
 * patches.
 *
 * <p>They work on arrays whose last axis holds the channels: images [N, height, width, C] (NHWC),
 * sequences [N, time, C], vectors [N, C]. Dense layers and norms then run over memory as it lies. A
 * layer whose input type says NCHW (or NCW) permutes on the way in and out, at the cost of two
 * copies.
 */
package org.agr4j.layers;
