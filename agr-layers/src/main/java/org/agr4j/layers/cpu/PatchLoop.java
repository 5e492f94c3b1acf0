package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Copies of patches of images [N, H, W, C] to rows of a matrix and back, a contiguous piece at a
 * time. All arrays are {@link FloatRows#usable}.
 */
public final class PatchLoop {
  private final int kernel;
  private final int stride;
  private final int padding;

  /** Loops for patches of side {@code kernel}, {@code stride} apart, on a padded image. */
  public PatchLoop(int kernel, int stride, int padding) {
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }

  /**
   * Writes every patch as a row, zeros where it is outside of the image.
   *
   * @param rows number of patches down
   * @param columns number of patches across
   * @param patches [N · rows · columns, k k C], the elements of a patch as [k, k, C]
   */
  public void gather(INDArray images, int rows, int columns, INDArray patches) {
    FloatBuffer from = HostFloats.of(images);
    FloatBuffer to = HostFloats.of(patches);
    forEachSample(
        images,
        (sample, image) -> {
          from.get(sample * image.length, image);
          float[] row = new float[FloatRows.columns(patches)];
          for (int patch = 0; patch < rows * columns; patch++) {
            if (padding > 0) {
              Arrays.fill(row, 0);
            }
            forEachPiece(
                images,
                patch / columns,
                patch % columns,
                (at, piece, n) -> System.arraycopy(image, at, row, piece, n));
            to.put((sample * rows * columns + patch) * row.length, row);
          }
        });
  }

  /** Writes the images whose elements are the sums of what lies on them in the patches. */
  public void scatter(INDArray patches, int rows, int columns, INDArray images) {
    FloatBuffer from = HostFloats.of(patches);
    FloatBuffer to = HostFloats.of(images);
    forEachSample(
        images,
        (sample, image) -> {
          Arrays.fill(image, 0);
          float[] row = new float[FloatRows.columns(patches)];
          for (int patch = 0; patch < rows * columns; patch++) {
            from.get((sample * rows * columns + patch) * row.length, row);
            forEachPiece(
                images,
                patch / columns,
                patch % columns,
                (at, piece, n) -> add(image, at, row, piece, n));
          }
          to.put(sample * image.length, image);
        });
  }

  private static void add(float[] to, int at, float[] x, int from, int n) {
    for (int i = 0; i < n; i++) {
      to[at + i] += x[from + i];
    }
  }

  private static void forEachSample(INDArray images, Sample work) {
    int samples = Math.toIntExact(images.size(0));
    int size = Math.toIntExact(images.length() / samples);
    FloatRows.forEachChunk(
        samples,
        size,
        (chunk, from, to) -> {
          float[] image = new float[size];
          for (int sample = from; sample < to; sample++) {
            work.work(sample, image);
          }
        });
  }

  /** The rows of a patch, as far as they are inside of the image. */
  private void forEachPiece(INDArray images, int row, int column, Piece work) {
    int height = (int) images.size(1);
    int width = (int) images.size(2);
    int channels = (int) images.size(3);
    int first = column * stride - padding;
    int start = Math.max(0, first);
    int end = Math.min(width, first + kernel);
    for (int u = 0; u < kernel && start < end; u++) {
      int y = row * stride + u - padding;
      if (y >= 0 && y < height) {
        work.work(
            (y * width + start) * channels,
            (u * kernel + start - first) * channels,
            (end - start) * channels);
      }
    }
  }

  private interface Sample {
    void work(int sample, float[] image);
  }

  private interface Piece {
    void work(int inImage, int inPatch, int n);
  }
}
