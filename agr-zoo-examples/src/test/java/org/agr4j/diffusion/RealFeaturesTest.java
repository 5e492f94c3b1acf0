package org.agr4j.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.agr4j.data.ImageSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Moments of real images are computed once for a network, images and their number. */
class RealFeaturesTest {
  private static final int IMAGES = 70; // more than a batch

  @TempDir Path folder;
  private int seen;

  /** Features are the means of the colours. */
  private final class Means implements ImageFeatures {
    private final String digest;

    Means(String digest) {
      this.digest = digest;
    }

    @Override
    public String name() {
      return "means";
    }

    @Override
    public int count() {
      return 3;
    }

    @Override
    public boolean hasProbabilities() {
      return false;
    }

    @Override
    public String digest() {
      return digest;
    }

    @Override
    public void requireShape(long[] shape) {
      assertArrayEquals(new long[] {3, 2, 2}, shape);
    }

    @Override
    public Answers of(INDArray images) {
      seen += (int) images.size(0);
      return new Answers(images.mean(2, 3), null);
    }
  }

  private static ImageSet images(long seed) {
    byte[] pixels = new byte[IMAGES * 12];
    new Random(seed).nextBytes(pixels);
    return new ImageSet(pixels, new int[IMAGES], 3, 2, 2, 1);
  }

  /** How many images a network sees for the moments. */
  private int seenFor(String digest, long seed, int count) {
    seen = 0;
    moments(digest, seed, count);
    return seen;
  }

  private FrechetDistance.Moments moments(String digest, long seed, int count) {
    return new RealFeatures(new Means(digest), images(seed), count, new MomentsCache(folder))
        .moments(done -> {});
  }

  @Test
  void areComputedOnceForNetworkImagesAndNumber() {
    assertEquals(IMAGES, seenFor("a", 1, 1000));
    assertEquals(0, seenFor("a", 1, 1000));
    assertEquals(0, seenFor("a", 1, IMAGES), "as many as there are");
    assertEquals(IMAGES, seenFor("b", 1, 1000), "another network");
    assertEquals(IMAGES, seenFor("a", 2, 1000), "other images");
    assertEquals(66, seenFor("a", 1, 66), "fewer");
    assertEquals(0, seenFor("a", 1, 66));
  }

  @Test
  void areThoseOfTheFirstImages() {
    FrechetDistance.Moments found = moments("a", 1, 66);
    double sum = 0;
    for (int i = 0; i < 66; i++) {
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < 2; x++) {
          sum += images(1).pixel(i, 1, y, x) / 255.0;
        }
      }
    }
    assertEquals(sum / 66 / 4, found.mean()[1], 1e-6);
    FrechetDistance.Moments again = moments("a", 1, 66);
    assertArrayEquals(found.mean(), again.mean());
    assertArrayEquals(found.covariance(), again.covariance());
  }

  /** Every byte that changes, and every length but the right one. */
  @Test
  void aDamagedOrStrangeFileIsNotUsed() throws IOException {
    MomentsCache cache = new MomentsCache(folder);
    FrechetDistance.Moments kept =
        new FrechetDistance.Moments(new double[] {1, 2}, new double[][] {{3, 4}, {4, 5}});
    cache.keep("key", kept);
    assertArrayEquals(kept.covariance(), cache.find("key").orElseThrow().covariance());
    byte[] whole = Files.readAllBytes(cache.file("key"));
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 1;
      Files.write(cache.file("key"), damaged);
      assertEquals(Optional.empty(), cache.find("key"), "byte " + i);
      Files.write(cache.file("key"), java.util.Arrays.copyOf(whole, i));
      assertEquals(Optional.empty(), cache.find("key"), "length " + i);
    }
    Files.write(cache.file("other"), whole);
    assertEquals(Optional.empty(), cache.find("other"), "of another key");
    assertEquals(Optional.empty(), cache.find("none"));
    cache.keep("key", kept);
    assertTrue(cache.find("key").isPresent(), "replaced");
    Path file = folder.resolve("file");
    Files.writeString(file, "no folder");
    new MomentsCache(file).keep("key", kept);
    assertFalse(new MomentsCache(file).find("key").isPresent());
  }

  /** What a network that diverged draws has no distance, and is told apart. */
  @Test
  void samplesThatAreNoNumbersAreFound() {
    SampleScores scores = new SampleScores(new Means("a"));
    scores.add(Nd4j.zeros(2, 3, 2, 2));
    assertTrue(scores.isFinite());
    scores.add(Nd4j.valueArrayOf(new long[] {2, 3, 2, 2}, Double.NaN));
    assertFalse(scores.isFinite());
  }
}
