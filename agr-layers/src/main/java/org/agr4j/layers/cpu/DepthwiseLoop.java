package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of a depthwise convolution of images [N, H, W, C]; ND4J's own operation takes ten
 * times as long. All arrays are {@link FloatRows#usable}.
 *
 * <pre>
 * dW[u, v, c] = Σ x[s i + u − p, s j + v − p, c] dy[i, j, c]
 * dx[s i + u − p, s j + v − p, c] = Σ W[u, v, c] dy[i, j, c]
 * </pre>
 *
 * <p>k is the kernel's side, s the stride, p the padding. A row of an image is in the first-level
 * cache while it meets the rows of the kernel.
 */
public final class DepthwiseLoop {
  private final int kernel;
  private final int stride;
  private final int padding;

  /** Loops for a kernel, a stride and a padding. */
  public DepthwiseLoop(int kernel, int stride, int padding) {
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }

  /** Writes dW [k, k, C, 1]. */
  public void weightGradient(INDArray x, INDArray dy, INDArray dWeights) {
    Shape shape = new Shape(x, dy);
    int c = shape.channels;
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer gradient = HostFloats.of(dy);
    float[][] sums = new float[FloatRows.chunks(shape.samples)][kernel * kernel * c];
    FloatRows.forEachChunk(
        shape.samples,
        shape.outHeight * shape.outWidth * c,
        (chunk, first, end) -> {
          float[] in = new float[shape.width * c];
          float[] out = new float[shape.outWidth * c];
          for (int sample = first; sample < end; sample++) {
            for (int i = 0; i < shape.outHeight; i++) {
              gradient.get((sample * shape.outHeight + i) * out.length, out);
              for (int u = 0; u < kernel; u++) {
                int y = i * stride + u - padding;
                if (y >= 0 && y < shape.height) {
                  from.get((sample * shape.height + y) * in.length, in);
                  rowWeights(in, out, shape, u, sums[chunk]);
                }
              }
            }
          }
        });
    FloatRows.sumChunks(sums, dWeights);
  }

  private void rowWeights(float[] in, float[] out, Shape shape, int u, float[] sums) {
    int c = shape.channels;
    for (int v = 0; v < kernel; v++) {
      int j = shape.first(v);
      int end = shape.end(v);
      int at = (u * kernel + v) * c;
      for (; j <= end - 4; j += 4) {
        int x = (j * stride + v - padding) * c;
        products4(in, x, stride * c, out, j * c, sums, at, c);
      }
      for (; j < end; j++) {
        products(in, (j * stride + v - padding) * c, out, j * c, sums, at, c);
      }
    }
  }

  private static void products(float[] in, int x, float[] out, int g, float[] sums, int at, int c) {
    for (int i = 0; i < c; i++) {
      sums[at + i] += in[x + i] * out[g + i];
    }
  }

  private static void products4(
      float[] in, int x, int step, float[] out, int g, float[] sums, int at, int c) {
    int x1 = x + step;
    int x2 = x1 + step;
    int x3 = x2 + step;
    int g1 = g + c;
    int g2 = g1 + c;
    int g3 = g2 + c;
    for (int i = 0; i < c; i++) {
      sums[at + i] +=
          (in[x + i] * out[g + i] + in[x1 + i] * out[g1 + i])
              + (in[x2 + i] * out[g2 + i] + in[x3 + i] * out[g3 + i]);
    }
  }

  /** Writes dx. */
  public void inputGradient(INDArray weights, INDArray dy, INDArray dx) {
    Shape shape = new Shape(dx, dy);
    int c = shape.channels;
    FloatBuffer gradient = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dx);
    float[] w = FloatRows.copy(weights);
    FloatRows.forEachChunk(
        shape.samples * shape.height,
        shape.width * c,
        (chunk, first, end) -> {
          float[] in = new float[shape.width * c];
          float[] out = new float[shape.outWidth * c];
          for (int row = first; row < end; row++) {
            int sample = row / shape.height;
            Arrays.fill(in, 0);
            for (int u = 0; u < kernel; u++) {
              int i = row % shape.height + padding - u;
              if (i >= 0 && i % stride == 0 && i / stride < shape.outHeight) {
                gradient.get((sample * shape.outHeight + i / stride) * out.length, out);
                rowInputs(w, u, out, shape, in);
              }
            }
            to.put(row * in.length, in);
          }
        });
  }

  private void rowInputs(float[] w, int u, float[] out, Shape shape, float[] in) {
    int c = shape.channels;
    if (stride != 1) {
      for (int v = 0; v < kernel; v++) {
        int end = shape.end(v);
        for (int j = shape.first(v); j < end; j++) {
          int x = j * stride + v - padding;
          addProducts(w, (u * kernel + v) * c, out, j * c, in, x * c, c);
        }
      }
      return;
    }
    for (int x = 0; x < shape.width; x++) {
      // Column v of the kernel meets output column x + p − v.
      int v = Math.max(0, x + padding - shape.outWidth + 1);
      int end = Math.min(kernel, x + padding + 1);
      for (; v <= end - 4; v += 4) {
        addProducts4(w, (u * kernel + v) * c, out, (x + padding - v) * c, in, x * c, c);
      }
      for (; v < end; v++) {
        addProducts(w, (u * kernel + v) * c, out, (x + padding - v) * c, in, x * c, c);
      }
    }
  }

  /** Four columns of the kernel, which meet four columns of the output from the right. */
  private static void addProducts4(
      float[] w, int at, float[] out, int g, float[] in, int x, int c) {
    int at1 = at + c;
    int at2 = at1 + c;
    int at3 = at2 + c;
    int g1 = g - c;
    int g2 = g1 - c;
    int g3 = g2 - c;
    for (int i = 0; i < c; i++) {
      in[x + i] +=
          (w[at + i] * out[g + i] + w[at1 + i] * out[g1 + i])
              + (w[at2 + i] * out[g2 + i] + w[at3 + i] * out[g3 + i]);
    }
  }

  private static void addProducts(float[] w, int at, float[] out, int g, float[] in, int x, int c) {
    for (int i = 0; i < c; i++) {
      in[x + i] += w[at + i] * out[g + i];
    }
  }

  /** Sizes of input and output, and where a column of the kernel meets the image. */
  private final class Shape {
    private final int samples;
    private final int height;
    private final int width;
    private final int channels;
    private final int outHeight;
    private final int outWidth;

    private Shape(INDArray in, INDArray out) {
      samples = Math.toIntExact(in.size(0));
      height = Math.toIntExact(in.size(1));
      width = Math.toIntExact(in.size(2));
      channels = Math.toIntExact(in.size(3));
      outHeight = Math.toIntExact(out.size(1));
      outWidth = Math.toIntExact(out.size(2));
    }

    /** The first output column whose kernel column v is inside the image. */
    private int first(int v) {
      int missing = padding - v;
      return missing <= 0 ? 0 : Math.min(outWidth, (missing + stride - 1) / stride);
    }

    /** One after the last such column. */
    private int end(int v) {
      int room = width - 1 + padding - v;
      return room < 0 ? 0 : Math.min(outWidth, room / stride + 1);
    }
  }
}
