package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Every s-th pixel of every s-th row of images [batch, height, width, channels], which is what a
 * 1×1 convolution of stride s reads. Arrays are {@link FloatRows#usable}.
 */
final class PixelGrid {
  private PixelGrid() {}

  /** Copies these pixels to {@code grid}. */
  static void gather(INDArray images, int[] strides, INDArray grid) {
    int height = size(images, 1);
    int width = size(images, 2);
    int channels = size(images, 3);
    int rows = size(grid, 1);
    int columns = size(grid, 2);
    FloatBuffer from = HostFloats.of(images);
    FloatBuffer to = HostFloats.of(grid);
    FloatRows.forEachChunk(
        size(grid, 0) * rows,
        columns * channels,
        (chunk, first, end) -> {
          float[] pixel = new float[channels];
          for (int row = first; row < end; row++) {
            int source = (row / rows * height + row % rows * strides[0]) * width;
            for (int column = 0; column < columns; column++) {
              from.get((source + column * strides[1]) * channels, pixel);
              to.put((row * columns + column) * channels, pixel);
            }
          }
        });
  }

  /** Copies {@code grid} to these pixels, and sets the others to zero. */
  static void scatter(INDArray grid, int[] strides, INDArray images) {
    int height = size(images, 1);
    int width = size(images, 2);
    int channels = size(images, 3);
    int rows = size(grid, 1);
    int columns = size(grid, 2);
    FloatBuffer from = HostFloats.of(grid);
    FloatBuffer to = HostFloats.of(images);
    FloatRows.forEachChunk(
        size(images, 0) * height,
        width * channels,
        (chunk, first, end) -> {
          float[] line = new float[width * channels];
          for (int row = first; row < end; row++) {
            int inImage = row % height;
            int gridRow = inImage / strides[0];
            Arrays.fill(line, 0f);
            if (inImage % strides[0] == 0 && gridRow < rows) {
              int source = (row / height * rows + gridRow) * columns;
              for (int column = 0; column < columns; column++) {
                from.get(
                    (source + column) * channels, line, column * strides[1] * channels, channels);
              }
            }
            to.put(row * width * channels, line);
          }
        });
  }

  private static int size(INDArray array, int dimension) {
    return Math.toIntExact(array.size(dimension));
  }
}
