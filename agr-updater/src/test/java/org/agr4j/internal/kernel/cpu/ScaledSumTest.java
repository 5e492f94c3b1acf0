package org.agr4j.internal.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The loop gives ND4J's numbers, and leaves what it cannot do. */
class ScaledSumTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 2047, 2048, 2049, 70_001})
  void givesTheNumbersOfAxpy(int n) {
    INDArray x = Nd4j.randn(DataType.FLOAT, n, 1);
    INDArray y = Nd4j.randn(DataType.FLOAT, n, 1);
    INDArray expected = y.dup();
    Nd4j.exec(new Axpy(x, expected, expected, -1.3e-3));
    assertTrue(ScaledSum.add(x, -1.3e-3, y));
    assertEquals(expected, y);
    assertEquals(expected.sumNumber(), y.sumNumber());
  }

  @ParameterizedTest
  @ValueSource(chars = {'c', 'f'})
  void takesPartsOfAVector(char order) {
    INDArray flat = Nd4j.randn(DataType.FLOAT, 1, 40).reshape(40);
    INDArray x = part(flat.dup(), order);
    INDArray y = part(flat, order);
    INDArray expected = y.add(x.mul(0.5f));
    assertTrue(ScaledSum.add(x, 0.5, y));
    assertTrue(expected.equalsWithEps(y, 0));
  }

  private static INDArray part(INDArray flat, char order) {
    return flat.get(NDArrayIndex.interval(7, 31)).reshape(order, 4, 6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"order", "gaps", "type"})
  void leavesOtherArrays(String what) {
    INDArray x = Nd4j.ones(DataType.FLOAT, 4, 6);
    INDArray y =
        what.equals("order")
            ? Nd4j.create(DataType.FLOAT, new long[] {4, 6}, 'f')
            : what.equals("gaps")
                ? Nd4j.zeros(DataType.FLOAT, 4, 12)
                    .get(NDArrayIndex.all(), NDArrayIndex.interval(0, 6))
                : Nd4j.zeros(DataType.DOUBLE, 4, 6);
    assertFalse(ScaledSum.add(x, 1, y));
    assertEquals(0, y.sumNumber().doubleValue());
  }
}
