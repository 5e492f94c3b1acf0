package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.agr4j.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DatasetChoiceTest {
  @ParameterizedTest
  @CsvSource({
    "CIFAR10, cifar10, CIFAR-10, 10, 32, 50000, 10000",
    "CIFAR100, cifar100, CIFAR-100, 100, 32, 50000, 10000",
    "TINY_IMAGENET, tiny-imagenet, Tiny-ImageNet, 200, 64, 100000, 10000"
  })
  void isThePublishedDataSet(
      DatasetChoice choice,
      String label,
      String title,
      int classes,
      int side,
      int trainImages,
      int testImages)
      throws JsonProcessingException {
    assertEquals(label, choice.toString());
    assertEquals("\"" + label + "\"", new ObjectMapper().writeValueAsString(choice));
    assertEquals(title, choice.title());
    assertEquals(classes, choice.classes());
    assertEquals(side, choice.side());
    assertEquals(trainImages, choice.trainImages());
    assertEquals(testImages, choice.testImages());
  }

  @ParameterizedTest
  @CsvSource({
    "CIFAR10, https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz, cifar-10-binary,"
        + " cifar-10-batches-bin, 170052171, c32a1d4ab5d03f1284b67883e8d87530",
    "CIFAR100, https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz, cifar-100-binary,"
        + " cifar-100-binary, 168513733, 03b5dce01913d631647c71ecec9e9cb8",
    "TINY_IMAGENET, http://cs231n.stanford.edu/tiny-imagenet-200.zip, tiny-imagenet-200,"
        + " tiny-imagenet-200, 248100043, 90528d7ca1a48142e341f4ef8d21d0de"
  })
  void archivesAreThePublishedOnes(
      DatasetChoice choice, String uri, String cache, String folder, long bytes, String md5) {
    OfficialArchive archive = choice.archive();
    assertEquals(uri, archive.uri().toString());
    assertTrue(uri.endsWith("/" + archive.fileName()));
    assertEquals(cache, archive.distribution());
    assertEquals(folder, archive.folder());
    assertEquals(bytes, archive.bytes());
    assertEquals(md5, archive.md5());
  }

  @ParameterizedTest
  @EnumSource(
      value = DatasetChoice.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"TINY_IMAGENET", "FOLDER"})
  void syntheticImagesHaveTheShapeOfTheRealOnes(DatasetChoice choice) {
    ImageSplits images = choice.synthetic(1, 6, 5);
    for (ImageSet split : new ImageSet[] {images.train(), images.test()}) {
      assertEquals(choice.classes(), split.classes());
      assertEquals(choice.side(), split.height());
      assertEquals(choice.side(), split.width());
    }
    assertEquals(6, images.train().size());
    assertEquals(5, images.test().size());
  }

  @Test
  void saysWhereThereAreNoSyntheticImages() {
    BadInputException e =
        assertThrows(BadInputException.class, () -> DatasetChoice.TINY_IMAGENET.synthetic(1, 6, 5));
    assertEquals(
        "there are no synthetic images for tiny-imagenet, expected cifar10 or cifar100",
        e.getMessage());
  }
}
