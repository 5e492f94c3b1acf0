package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.agr4j.data.augment.RandAugment;
import org.agr4j.data.augment.RandomErasing;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;

class ImageBatchTest {
  private static final Augmentation EVERYTHING =
      Augmentation.CIFAR.with(new RandAugment(2, 9), new RandomErasing(0.5));

  private final ImageSplits data = SyntheticCifar.generate(CifarFormat.CIFAR10, 3, 40, 10);

  private byte[] file() throws IOException {
    int[] order = {7, 39, 0, 12, 5, 8};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageBatch.of(data.train(), order, 1, 5).write(out);
    return out.toByteArray();
  }

  private static ImageBatch read(byte[] file) throws IOException {
    return ImageBatch.read("b", new ByteArrayInputStream(file));
  }

  /** Whatever batch an image is in, it gets the augmentation of its number in the data set. */
  @Test
  void isTheSameAsTheIteratorsWhateverTheFile() throws IOException {
    DataSet batch = read(file()).toDataSet(data.standardization(), EVERYTHING, 11, 2);
    try (ImageIterator all =
        ImageIterator.augmented(data.train(), data.standardization(), 1, 11, EVERYTHING, 0)) {
      all.startEpoch(2);
      DataSet[] single = IntStream.range(0, 40).mapToObj(i -> all.next()).toArray(DataSet[]::new);
      for (int i = 0; i < batch.numExamples(); i++) {
        DataSet wanted = batch.get(i);
        assertTrue(
            Arrays.stream(single)
                .anyMatch(
                    s ->
                        s.getFeatures()
                                .reshape(3, 32, 32)
                                .equals(wanted.getFeatures().reshape(3, 32, 32))
                            && s.getLabels().ravel().equals(wanted.getLabels().ravel())),
            "image " + i);
      }
    }
    assertEquals(4, batch.numExamples());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 20, 30, 5000, 12_000})
  void cutOff(int length) throws IOException {
    byte[] cut = Arrays.copyOf(file(), length);
    BadInputException refused = assertThrows(BadInputException.class, () -> read(cut));
    assertEquals(
        "the batch file b is cut off, expected a whole one: remove it and export",
        refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "0, does not begin as a batch of images does",
    "4, has sizes that cannot be",
    "30, has another check sum than its content",
    "9000, has another check sum than its content"
  })
  void changed(int at, String what) throws IOException {
    byte[] changed = file();
    changed[at] ^= (byte) 0x80;
    BadInputException refused = assertThrows(BadInputException.class, () -> read(changed));
    assertEquals(
        "the batch file b " + what + ", expected a whole one: remove it and export",
        refused.getMessage());
  }
}
