package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A depthwise convolution of images [N, H, W, C] and its gradients; ND4J's own operations take
 * three to ten times as long. All arrays are {@link FloatRows#usable}.
 *
 * <pre>
 * y[i, j, c] = b[c] + Σ W[u, v, c] x[s i + u − p, s j + v − p, c]
 * dW[u, v, c] = Σ x[s i + u − p, s j + v − p, c] dy[i, j, c]
 * dx[s i + u − p, s j + v − p, c] = Σ W[u, v, c] dy[i, j, c]
 * </pre>
 *
 * <p>k is the kernel's side, s the stride, p the padding. Some neighbouring columns of the output
 * are worked on as one row of numbers, for which the kernel is repeated, since loops over the
 * channels alone are short. Each column v of the kernel has its own copy of the image's row, so
 * that all arrays of a loop begin at index 0: of loops with several offsets C2 makes no vector
 * code.
 */
public final class DepthwiseLoop {
  // Columns are put together until they have this many numbers.
  private static final int LENGTH = 384;

  private final int kernel;
  private final int stride;
  private final int padding;

  /** Loops for a kernel, a stride and a padding. */
  public DepthwiseLoop(int kernel, int stride, int padding) {
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }

  /** Writes y for weights [k, k, C, 1] and a bias [C] or null. */
  public void forward(INDArray x, INDArray weights, INDArray bias, INDArray y) {
    Shape shape = new Shape(x, y, stride, padding);
    correlate(shape, x, FloatRows.copy(weights), FloatRows.copy(bias), y);
  }

  /** Writes dx. */
  public void inputGradient(INDArray weights, INDArray dy, INDArray dx) {
    float[] w = FloatRows.copy(weights);
    if (stride != 1) {
      scatter(w, dy, dx);
      return;
    }
    // The same convolution with the kernel turned round.
    int c = FloatRows.columns(dx);
    float[] turned = new float[w.length];
    for (int at = 0; at < w.length; at += c) {
      System.arraycopy(w, at, turned, w.length - c - at, c);
    }
    correlate(new Shape(dy, dx, 1, kernel - 1 - padding), dy, turned, null, dx);
  }

  private void correlate(Shape shape, INDArray x, float[] w, float[] bias, INDArray y) {
    int c = shape.channels;
    float[][] kernels = new float[kernel * kernel][];
    for (int tap = 0; tap < kernels.length; tap++) {
      float[] one = Arrays.copyOfRange(w, tap * c, tap * c + c);
      kernels[tap] = FloatRows.repeated(one, c, shape.together);
    }
    float[] begin = FloatRows.repeated(bias, c, shape.together);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer to = HostFloats.of(y);
    FloatRows.forEachChunk(
        shape.units(),
        shape.outHeight * shape.together * c,
        (chunk, first, end) -> {
          float[][] in = new float[kernel][shape.together * c];
          float[][] out = new float[shape.outHeight][shape.together * c];
          for (int unit = first; unit < end; unit++) {
            Tile tile = new Tile(shape, unit, in);
            for (float[] row : out) {
              begin(row, begin);
            }
            for (int row = 0; row < shape.height; row++) {
              tile.load(from, row, in);
              for (int u = 0; u < kernel; u++) {
                int i = shape.outRow(row, u);
                if (i >= 0) {
                  addTaps(kernels, u * kernel, in, tile, out[i]);
                }
              }
            }
            for (int i = 0; i < out.length; i++) {
              to.put(tile.outRow(i), out[i], 0, tile.length);
            }
          }
        });
  }

  private static void begin(float[] row, float[] bias) {
    if (bias == null) {
      Arrays.fill(row, 0);
    } else {
      System.arraycopy(bias, 0, row, 0, row.length);
    }
  }

  /** out += Σ_v kernels[first + v] in[v]. */
  private static void addTaps(float[][] kernels, int first, float[][] in, Tile tile, float[] out) {
    int n = tile.length;
    int v = tile.firstTap;
    for (; v < tile.endTap - 2; v += 3) {
      int w = first + v;
      addProducts(out, kernels[w], in[v], kernels[w + 1], in[v + 1], kernels[w + 2], in[v + 2], n);
    }
    for (; v < tile.endTap; v++) {
      ChannelLoop.addProducts(out, kernels[first + v], in[v], n);
    }
  }

  /** Writes dW [k, k, C, 1]. */
  public void weightGradient(INDArray x, INDArray dy, INDArray dWeights) {
    Shape shape = new Shape(x, dy, stride, padding);
    int c = shape.channels;
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer gradient = HostFloats.of(dy);
    float[][] sums = new float[FloatRows.chunks(shape.units())][];
    FloatRows.forEachChunk(
        shape.units(),
        shape.outHeight * shape.together * c,
        (chunk, first, end) -> {
          float[][] in = new float[kernel][shape.together * c];
          float[][] out = new float[shape.outHeight][shape.together * c];
          float[][] sum = new float[kernel * kernel][shape.together * c];
          for (int unit = first; unit < end; unit++) {
            Tile tile = new Tile(shape, unit, in);
            for (int i = 0; i < out.length; i++) {
              gradient.get(tile.outRow(i), out[i], 0, tile.length);
            }
            for (int row = 0; row < shape.height; row++) {
              tile.load(from, row, in);
              for (int u = 0; u < kernel; u++) {
                int i = shape.outRow(row, u);
                if (i >= 0) {
                  addToSums(sum, u * kernel, in, tile, out[i]);
                }
              }
            }
          }
          sums[chunk] = folded(sum, c);
        });
    FloatRows.sumChunks(sums, dWeights);
  }

  /** sums[first + v] += in[v] out for every v. */
  private static void addToSums(float[][] sums, int first, float[][] in, Tile tile, float[] out) {
    int n = tile.length;
    int v = tile.firstTap;
    for (; v < tile.endTap - 1; v += 2) {
      addProductsTwice(sums[first + v], in[v], sums[first + v + 1], in[v + 1], out, n);
    }
    for (; v < tile.endTap; v++) {
      ChannelLoop.addProducts(sums[first + v], in[v], out, n);
    }
  }

  /** Sums over columns that were worked on together, one tap behind the other. */
  private static float[] folded(float[][] sums, int c) {
    float[] folded = new float[sums.length * c];
    float[] total = new float[c];
    for (int tap = 0; tap < sums.length; tap++) {
      Arrays.fill(total, 0);
      for (int at = 0; at < sums[tap].length; at += c) {
        add(total, sums[tap], at, c);
      }
      System.arraycopy(total, 0, folded, tap * c, c);
    }
    return folded;
  }

  /** dx with a stride: every element of dy meets the kernel. */
  private void scatter(float[] w, INDArray dy, INDArray dx) {
    Shape shape = new Shape(dx, dy, stride, padding);
    int c = shape.channels;
    FloatBuffer gradient = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dx);
    FloatRows.forEachChunk(
        shape.samples * shape.height,
        shape.width * c,
        (chunk, first, end) -> {
          float[] in = new float[shape.width * c];
          float[] out = new float[shape.outWidth * c];
          for (int row = first; row < end; row++) {
            Arrays.fill(in, 0);
            for (int u = 0; u < kernel; u++) {
              int i = shape.outRow(row % shape.height, u);
              if (i >= 0) {
                gradient.get((row / shape.height * shape.outHeight + i) * out.length, out);
                scatterRow(w, u, out, in, c);
              }
            }
            to.put(row * in.length, in);
          }
        });
  }

  private void scatterRow(float[] w, int u, float[] out, float[] in, int c) {
    for (int j = 0; j < out.length / c; j++) {
      for (int v = 0; v < kernel; v++) {
        int x = j * stride + v - padding;
        if (x >= 0 && x < in.length / c) {
          addProducts(w, (u * kernel + v) * c, out, j * c, in, x * c, c);
        }
      }
    }
  }

  private static void addProducts(float[] x, int a, float[] y, int b, float[] to, int at, int n) {
    for (int i = 0; i < n; i++) {
      to[at + i] += x[a + i] * y[b + i];
    }
  }

  private static void add(float[] to, float[] x, int at, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += x[at + i];
    }
  }

  // With one more product C2 makes no vector code of it.
  static void addProducts(
      float[] to, float[] a, float[] b, float[] c, float[] d, float[] e, float[] f, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += (a[i] * b[i] + c[i] * d[i]) + e[i] * f[i];
    }
  }

  private static void addProductsTwice(
      float[] to, float[] x, float[] secondTo, float[] secondX, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      float factor = y[i];
      to[i] += x[i] * factor;
      secondTo[i] += secondX[i] * factor;
    }
  }

  /** Sizes of input and output. */
  private final class Shape {
    private final int samples;
    private final int height;
    private final int width;
    private final int channels;
    private final int outHeight;
    private final int outWidth;
    private final int step;
    private final int before;
    private final int together; // columns of the output that are worked on as one row

    private Shape(INDArray in, INDArray out, int step, int before) {
      samples = Math.toIntExact(in.size(0));
      height = Math.toIntExact(in.size(1));
      width = Math.toIntExact(in.size(2));
      channels = Math.toIntExact(in.size(3));
      outHeight = Math.toIntExact(out.size(1));
      outWidth = Math.toIntExact(out.size(2));
      this.step = step;
      this.before = before;
      together = Math.min(outWidth, (LENGTH + channels - 1) / channels);
    }

    /** Tiles of all samples. */
    private int units() {
      return samples * tiles();
    }

    private int tiles() {
      return (outWidth + together - 1) / together;
    }

    /** The row of the output in which row u of the kernel meets a row of the input, or -1. */
    private int outRow(int row, int u) {
      int first = row + before - u;
      return first >= 0 && first % step == 0 && first / step < outHeight ? first / step : -1;
    }
  }

  /** Some neighbouring columns of a sample's output, and the columns of its input that they see. */
  private static final class Tile {
    private final Shape shape;
    private final int sample;
    private final int column;
    private final int length;
    // Columns of the kernel that meet the image anywhere.
    private final int firstTap;
    private final int endTap;

    /** A tile; {@code rows} are cleared. */
    private Tile(Shape shape, int unit, float[][] rows) {
      this.shape = shape;
      sample = unit / shape.tiles();
      column = unit % shape.tiles() * shape.together;
      int last = Math.min(shape.outWidth, column + shape.together) - 1;
      length = (last + 1 - column) * shape.channels;
      firstTap = Math.max(0, shape.before - last * shape.step);
      endTap = Math.min(rows.length, shape.width + shape.before - column * shape.step);
      for (float[] row : rows) {
        Arrays.fill(row, 0);
      }
    }

    /** Where row i of the output begins in the array. */
    private int outRow(int i) {
      return ((sample * shape.outHeight + i) * shape.outWidth + column) * shape.channels;
    }

    /** What each column of the kernel sees of a row; what is outside stays zero. */
    private void load(FloatBuffer from, int row, float[][] rows) {
      int c = shape.channels;
      int begin = (sample * shape.height + row) * shape.width;
      for (int v = firstTap; v < endTap; v++) {
        int offset = v - shape.before;
        if (shape.step == 1) {
          int first = Math.max(0, column + offset);
          int end = Math.min(shape.width, column + offset + length / c);
          if (first < end) {
            from.get(
                (begin + first) * c, rows[v], (first - column - offset) * c, (end - first) * c);
          }
        } else {
          for (int j = 0; j < length / c; j++) {
            int at = (column + j) * shape.step + offset;
            if (at >= 0 && at < shape.width) {
              from.get((begin + at) * c, rows[v], j * c, c);
            }
          }
        }
      }
    }
  }
}
