package org.agr4j.golden;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The settings that a file of golden numbers was computed with. */
record GoldenConfig(Map<String, INDArray> arrays) {
  /** A list of whole numbers. */
  int[] all(String key) {
    return arrays.get("config/" + key).toIntVector();
  }

  /** A whole number. */
  int one(String key) {
    return all(key)[0];
  }
}
