package org.agr4j.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.agr4j.layers.SelfAttention;
import org.agr4j.layers.WindowAttention;
import org.agr4j.zoo.NamedNetwork;
import org.agr4j.zoo.NetworkOptions;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Multiply-adds against the published ones and against counts by hand. */
class MultiplyAddsTest {
  /**
   * 4.5 and 2.9 billion as their papers' tables have it, which count some small things otherwise.
   */
  @ParameterizedTest
  @CsvSource({"convnext-t, 224, 4.46e9", "swin-t, 224, 4.49e9", "swin-s, 224, 8.75e9"})
  void agreesWithThePapers(String model, int side, double expected) {
    assertEquals(expected, of(model, side), 0.01 * expected);
  }

  /** Of ResNet-18 at width 64 on 32×32 images, convolution by convolution. */
  @Test
  void addsUpResNet18() {
    long k = 9;
    long stage1 = 1024 * k * (3 * 64 + 4 * 64 * 64);
    long others = 0;
    for (int stage = 1; stage <= 3; stage++) {
      long width = 64L << stage;
      long pixels = 1024L >> (2 * stage);
      others += pixels * (k * (width / 2 * width + 3 * width * width) + width / 2 * width);
    }
    assertEquals(stage1 + others + 512 * 100, of("resnet18", 32));
  }

  @Test
  void addsUpAttention() {
    // 5×6 positions in windows of 4: 2×2 windows with 16 tokens.
    WindowAttention windows =
        new WindowAttention.Builder().heads(2).window(4).padded(true).nIn(8).nOut(8).build();
    assertEquals(
        30 * 4 * 64 + 2 * 8 * 4 * 256,
        windows.multiplyAdds(InputType.convolutional(5, 6, 8, CNN2DFormat.NHWC)));
    SelfAttention all = new SelfAttention.Builder().heads(2).nIn(8).nOut(8).build();
    assertEquals(
        30 * 4 * 64 + 2 * 8 * 30 * 30,
        all.multiplyAdds(InputType.convolutional(5, 6, 8, CNN2DFormat.NHWC)));
  }

  private static long of(String model, int side) {
    return new NetworkSpeed(NamedNetwork.of(model).orElseThrow(), side, null, NetworkOptions.NONE)
        .multiplyAdds();
  }
}
