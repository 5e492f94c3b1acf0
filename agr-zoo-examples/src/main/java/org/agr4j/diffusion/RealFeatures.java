package org.agr4j.diffusion;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSet;
import org.agr4j.data.Standardization;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The real images that drawn ones are held against, as a network sees them: mean and covariance of
 * its features. They are computed when they are first needed, and kept for later runs ({@link
 * MomentsCache}) under a digest of the network, the pixels and their number.
 */
public final class RealFeatures {
  /** Real images as a rule: the first so many of the training images. */
  public static final int USUAL_COUNT = 10_000;

  private static final int BATCH = 64;

  /** Values of 0 to 1, which every network brings to what it takes. */
  private static final Standardization PLAIN =
      new Standardization(new double[] {0, 0, 0}, new double[] {1, 1, 1});

  private final ImageFeatures features;
  private final ImageSet images;
  private final int count;
  private final MomentsCache cache;
  private FrechetDistance.Moments moments;

  /**
   * The first of some images.
   *
   * @param features the network
   * @param images three channels, of the size that the network takes
   * @param count how many of them at most
   * @throws org.agr4j.input.BadInputException if they are of another size
   */
  public RealFeatures(ImageFeatures features, ImageSet images, int count) {
    this(features, images, count, MomentsCache.usual());
  }

  /** The same with a cache elsewhere. */
  RealFeatures(ImageFeatures features, ImageSet images, int count, MomentsCache cache) {
    this.cache = cache;
    features.requireShape(new long[] {images.channels(), images.height(), images.width()});
    this.features = features;
    this.images = images;
    this.count = Math.min(count, images.size());
  }

  /** The network. */
  public ImageFeatures features() {
    return features;
  }

  /** How many images there are. */
  public int count() {
    return count;
  }

  /**
   * Mean and covariance of their features.
   *
   * @param progress is told the number of images done so far; never where they are known
   */
  public FrechetDistance.Moments moments(LongConsumer progress) {
    if (moments == null) {
      String key = key();
      moments = cache.find(key).orElse(null);
      if (moments == null || moments.mean().length != features.count()) {
        moments = compute(progress);
        cache.keep(key, moments);
      }
    }
    return moments;
  }

  private String key() {
    MessageDigest digest = FileDigest.sha256();
    digest.update(features.digest().getBytes(StandardCharsets.UTF_8));
    images.updatePixels(digest, count);
    return FileDigest.text(digest);
  }

  private FrechetDistance.Moments compute(LongConsumer progress) {
    List<INDArray> all = new ArrayList<>();
    ImageIterator batches = ImageIterator.inOrder(images, PLAIN, BATCH);
    int done = 0;
    while (done < count) {
      INDArray batch = batches.next().getFeatures();
      if (batch.size(0) > count - done) {
        batch = batch.get(NDArrayIndex.interval(0, count - done)).dup('c');
      }
      all.add(features.of(batch).features());
      done += (int) batch.size(0);
      progress.accept(done);
    }
    return FrechetDistance.Moments.of(Nd4j.concat(0, all.toArray(INDArray[]::new)));
  }
}
