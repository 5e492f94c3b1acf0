package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Copies of the 2×2 squares of images [N, 2H, 2W, C] to positions [N, H, W, 4C] and back, in the
 * order of {@link org.agr4j.layers.PatchMerging}. All arrays are {@link FloatRows#usable}.
 */
public final class SquareLoop {
  private static final int[][] ROW_AND_COLUMN = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};

  private SquareLoop() {}

  /** Writes {@code merged} from {@code images}. */
  public static void merge(INDArray images, INDArray merged) {
    FloatBuffer from = HostFloats.of(images);
    FloatBuffer to = HostFloats.of(merged);
    forEachRow(
        merged,
        (image, position, piece) -> {
          from.get(image, piece);
          to.put(position, piece);
        });
  }

  /** Writes {@code images} from {@code merged}. */
  public static void split(INDArray merged, INDArray images) {
    FloatBuffer from = HostFloats.of(merged);
    FloatBuffer to = HostFloats.of(images);
    forEachRow(
        merged,
        (image, position, piece) -> {
          from.get(position, piece);
          to.put(image, piece);
        });
  }

  private static void forEachRow(INDArray merged, Copy copy) {
    int width = Math.toIntExact(merged.size(2));
    int channels = FloatRows.columns(merged) / 4;
    FloatRows.forEachChunk(
        Math.toIntExact(merged.size(0) * merged.size(1)),
        width * 4 * channels,
        (chunk, first, end) -> {
          float[] piece = new float[channels];
          for (int row = first; row < end; row++) {
            for (int column = 0; column < width; column++) {
              for (int corner = 0; corner < 4; corner++) {
                int down = 2 * row + ROW_AND_COLUMN[corner][0];
                int across = 2 * column + ROW_AND_COLUMN[corner][1];
                copy.copy(
                    (down * 2 * width + across) * channels,
                    ((row * width + column) * 4 + corner) * channels,
                    piece);
              }
            }
          }
        });
  }

  private interface Copy {
    void copy(int image, int position, float[] piece);
  }
}
