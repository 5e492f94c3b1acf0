package org.agr4j.internal.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.stream.LongStream;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class KernelParametersTest {
  @Test
  @SuppressWarnings({"try", "unchecked"}) // the scope is there to be closed; its varargs
  void outliveTheScopeOfTheUserInWhichTheyWereMade() {
    KernelParameters parameters;
    try (PointerScope scope = new PointerScope()) {
      parameters = new KernelParameters();
    }
    long[] block = LongStream.range(0, KernelPair.BLOCK_WORDS).toArray();
    long[] step = LongStream.range(100, 100 + KernelPair.STEP_WORDS).toArray();
    PointerPointer<Pointer> both = parameters.set(block, step);
    assertFalse(both.isNull());
    long[] words = new long[block.length];
    new LongPointer(both.get(0)).get(words);
    assertArrayEquals(block, words);
    words = new long[step.length];
    new LongPointer(both.get(1)).get(words);
    assertArrayEquals(step, words);
  }
}
