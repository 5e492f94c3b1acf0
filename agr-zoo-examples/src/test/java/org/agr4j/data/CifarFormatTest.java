package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CifarFormatTest {
  @Test
  void recordsAreThePublishedOnes() {
    assertEquals(3073, CifarFormat.CIFAR10.recordBytes());
    assertEquals(3074, CifarFormat.CIFAR100.recordBytes());
    assertEquals(10, CifarFormat.CIFAR10.classes());
    assertEquals(100, CifarFormat.CIFAR100.classes());
  }

  @Test
  void standardizationIsValueMinusMeanOverDeviation() {
    float[] values = new float[5];
    Standardization of = CifarFormat.CIFAR100.standardization();
    of.apply(1, new byte[] {9, 0, (byte) 255, (byte) 128}, 1, values, 2, 3);
    assertEquals(0, values[1]);
    assertEquals((0 - .4865) / .2564, values[2], 1e-6);
    assertEquals((1 - .4865) / .2564, values[3], 1e-6);
    assertEquals((128 / 255.0 - .4865) / .2564, values[4], 1e-6);
  }

  @Test
  void standardizationRefusesWhatCannotBe() {
    double[] two = {0.5, 0.5};
    assertThrows(IllegalArgumentException.class, () -> new Standardization(two, new double[1]));
    assertThrows(
        IllegalArgumentException.class, () -> new Standardization(two, new double[] {1, 0}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Standardization(two, new double[] {1, Double.NaN}));
  }

  @Test
  void imageSetRefusesSizesThatDisagree() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new ImageSet(new byte[11], new int[] {0}, 3, 2, 2, 10));
  }
}
