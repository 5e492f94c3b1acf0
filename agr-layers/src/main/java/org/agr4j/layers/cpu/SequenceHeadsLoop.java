package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Attention of every position to all positions of its sequence, from the joint product to the
 * heads' outputs and back. All arrays are {@link FloatRows#usable}.
 *
 * <pre>
 * S = q kᵀ / √d − 10000 (1 − mask of the key)    P = softmax of S over keys    o = P v
 * dv = Pᵀ do    dP = do vᵀ    dS = P ( dP − Σ of do o )    dq = dS k / √d    dk = dSᵀ q / √d
 * </pre>
 *
 * <p>The scores of a block of queries stay in the core's cache and are never written to memory: the
 * backward pass makes them again from the logarithm of each query's sum of exponentials, as in Dao
 * et al., arXiv 2205.14135. Rows of the products run along the queries forward and along the keys
 * backward, so that they are long. Keys with mask 0 beside some with 1 are left out, which is what
 * e⁻¹⁰⁰⁰⁰ does.
 */
public final class SequenceHeadsLoop {
  private static final float LEFT_OUT = -10_000f;
  private static final int MOST_QUERIES = 512; // of a block: 1 MB of scores with as many keys
  private static final int AT_ONCE = RowProducts.TILE;
  private static final int TRANSPOSED = 18; // keys: more than a cache line of each query's row

  private final int samples;
  private final int tokens;
  private final int heads;
  private final int width;
  private final int queries;
  private final float scale;
  private final Queue<Workplace> workplaces = new ConcurrentLinkedQueue<>();

  /**
   * Loops for arrays of one shape; keeps the memory that they work in.
   *
   * @param samples N
   * @param tokens T, positions of a sequence
   * @param heads number of heads
   * @param width d
   */
  public SequenceHeadsLoop(int samples, int tokens, int heads, int width) {
    this.samples = samples;
    this.tokens = tokens;
    this.heads = heads;
    this.width = width;
    this.queries = Math.min(tokens, MOST_QUERIES);
    this.scale = (float) (1 / Math.sqrt(width));
  }

  /** Whether these loops are for arrays of that shape. */
  public boolean fits(long samples, long tokens) {
    return this.samples == samples && this.tokens == tokens;
  }

  /**
   * Writes the outputs, and what {@link #backward} needs.
   *
   * @param qkv [N T, 3C], queries, keys, values, each head by head, less their bias; not modified
   * @param bias [3C], not modified
   * @param mask [N, T], 1 for keys that count; not modified
   * @param logSums [N heads, T], log Σ over keys of exp S
   * @param o [N T, C]
   */
  public void forward(INDArray qkv, INDArray bias, INDArray mask, INDArray logSums, INDArray o) {
    FloatBuffer from = HostFloats.of(qkv);
    FloatBuffer sums = HostFloats.of(logSums);
    FloatBuffer to = HostFloats.of(o);
    float[] counts = FloatRows.copy(mask);
    float[] shift = FloatRows.copy(bias);
    forEachHead(
        (sample, head, place) -> {
          place.loadKeys(from, shift, counts, sample, head);
          for (int first = 0; first < tokens; first += queries) {
            int n = Math.min(queries, tokens - first);
            place.loadQueries(from, shift, sample, first, n, head * width);
            forward(place, n);
            place.storeColumns(place.ot, to, heads * width, head * width, sample, first, n);
            sums.put((sample * heads + head) * tokens + first, place.logSum, 0, n);
          }
        });
  }

  /**
   * Writes the gradient of the joint product.
   *
   * @param logSums as {@link #forward} left it, as {@code o}; not modified
   * @param dO [N T, C], not modified
   * @param dQkv [N T, 3C]
   */
  public void backward(
      INDArray qkv,
      INDArray bias,
      INDArray mask,
      INDArray logSums,
      INDArray o,
      INDArray dO,
      INDArray dQkv) {
    FloatBuffer from = HostFloats.of(qkv);
    FloatBuffer sums = HostFloats.of(logSums);
    FloatBuffer outputs = HostFloats.of(o);
    FloatBuffer gradient = HostFloats.of(dO);
    FloatBuffer to = HostFloats.of(dQkv);
    float[] counts = FloatRows.copy(mask);
    float[] shift = FloatRows.copy(bias);
    int c = heads * width;
    forEachHead(
        (sample, head, place) -> {
          place.loadKeys(from, shift, counts, sample, head);
          place.transposeKeys();
          for (float[] row : place.dkt) {
            Arrays.fill(row, 0, place.keys, 0);
          }
          for (float[] row : place.dvt) {
            Arrays.fill(row, 0, place.keys, 0);
          }
          for (int first = 0; first < tokens; first += queries) {
            int n = Math.min(queries, tokens - first);
            for (int i = 0; i < n; i++) {
              int row = sample * tokens + first + i;
              from.get(row * 3 * c + head * width, place.q[i], 0, width);
              addPart(place.q[i], shift, head * width, width);
              gradient.get(row * c + head * width, place.dO[i], 0, width);
              outputs.get(row * c + head * width, place.row, 0, width);
              place.slope[i] = dot(place.dO[i], place.row, width);
            }
            sums.get((sample * heads + head) * tokens + first, place.logSum, 0, n);
            backward(place, n);
            place.storeColumns(place.qt, to, 3 * c, head * width, sample, first, n);
          }
          place.storeKeys(place.dkt, to, c + head * width, sample);
          place.storeKeys(place.dvt, to, 2 * c + head * width, sample);
        });
  }

  private void forward(Workplace w, int n) {
    float[][] s = w.scores;
    Arrays.fill(w.max, 0, n, Float.NEGATIVE_INFINITY);
    for (int b = 0; b < w.keys; b += AT_ONCE) {
      int end = Math.min(b + AT_ONCE, w.keys);
      RowProducts.multiply(w.k, b, width, w.qt, s, b, end - b, n);
      for (int i = b; i < end; i++) {
        if (w.added[i] != 0) {
          add(s[i], w.added[i], n);
        }
        max(w.max, s[i], n);
      }
    }
    Arrays.fill(w.sum, 0, n, 0);
    for (float[] row : w.ot) {
      Arrays.fill(row, 0, n, 0);
    }
    for (int b = 0; b < w.keys; b += AT_ONCE) {
      int end = Math.min(b + AT_ONCE, w.keys);
      for (int i = b; i < end; i++) {
        expOfDifference(s[i], w.max, n);
        GeluLoop.add(w.sum, s[i], n);
      }
      RowProducts.addTransposed(w.v, b, s, b, end - b, w.ot, width, n);
    }
    for (int i = 0; i < n; i++) {
      w.logSum[i] = w.max[i] + (float) Math.log(w.sum[i]);
      w.sum[i] = 1 / w.sum[i];
    }
    for (float[] row : w.ot) {
      multiply(row, w.sum, n);
    }
  }

  /** Adds to dkt and dvt; leaves the gradient of the queries in qt. */
  private void backward(Workplace w, int n) {
    int keys = w.keys;
    for (int a = 0; a < n; a += AT_ONCE) {
      int end = Math.min(a + AT_ONCE, n);
      RowProducts.multiply(w.q, a, width, w.kt, w.few, 0, end - a, keys);
      RowProducts.multiply(w.dO, a, width, w.vt, w.dScores, a, end - a, keys);
      for (int i = a; i < end; i++) {
        float[] p = w.few[i - a];
        exp(p, w.added, w.logSum[i], scale, keys);
        scoreGradient(w.dScores[i], p, w.slope[i], scale, keys);
      }
      RowProducts.addTransposed(w.q, a, w.dScores, a, end - a, w.dkt, width, keys);
      RowProducts.addTransposed(w.dO, a, w.few, 0, end - a, w.dvt, width, keys);
    }
    for (float[] row : w.qt) {
      Arrays.fill(row, 0, n, 0);
    }
    for (int b = 0; b < keys; b += TRANSPOSED) {
      int end = Math.min(b + TRANSPOSED, keys);
      for (int i = 0; i < n; i++) {
        float[] row = w.dScores[i];
        for (int key = b; key < end; key++) {
          w.few[key - b][i] = row[key];
        }
      }
      RowProducts.addTransposed(w.k, b, w.few, 0, end - b, w.qt, width, n);
    }
  }

  private static void max(float[] max, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      max[i] = Math.max(max[i], x[i]);
    }
  }

  private static void add(float[] x, float a, int n) {
    for (int i = 0; i < n; i++) {
      x[i] += a;
    }
  }

  private static void addPart(float[] x, float[] y, int from, int n) {
    for (int i = 0; i < n; i++) {
      x[i] += y[from + i];
    }
  }

  private static void multiply(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= y[i];
    }
  }

  private static void expOfDifference(float[] x, float[] max, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = FloatExp.exp(x[i] - max[i]);
    }
  }

  private static void exp(float[] x, float[] added, float less, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = FloatExp.exp(Math.fma(factor, x[i], added[i] - less));
    }
  }

  /** dP becomes dS. */
  private static void scoreGradient(float[] dp, float[] p, float slope, float factor, int n) {
    for (int i = 0; i < n; i++) {
      dp[i] = factor * p[i] * (dp[i] - slope);
    }
  }

  private static float dot(float[] x, float[] y, int n) {
    float a = 0;
    float b = 0;
    int i = 0;
    for (; i <= n - 2; i += 2) {
      a = Math.fma(x[i], y[i], a);
      b = Math.fma(x[i + 1], y[i + 1], b);
    }
    return i < n ? Math.fma(x[i], y[i], a + b) : a + b;
  }

  /** Has the heads of all samples done, each by one thread. */
  private void forEachHead(Work work) {
    IntStream all = IntStream.range(0, samples * heads);
    (Nd4j.getEnvironment().maxThreads() > 1 ? all.parallel() : all)
        .forEach(
            i -> {
              Workplace place = workplaces.poll();
              if (place == null) {
                place = new Workplace();
              }
              work.work(i / heads, i % heads, place);
              workplaces.add(place);
            });
  }

  private interface Work {
    void work(int sample, int head, Workplace place);
  }

  /** Memory of one thread: rows of one head, and of a block of its queries. */
  private final class Workplace {
    /** Positions of the keys that count. */
    final int[] kept = new int[tokens];

    int keys;
    final float[] added = new float[tokens];
    final float[][] k = new float[tokens][width];
    final float[][] v = new float[tokens][width];
    final float[][] kt = new float[width][tokens];
    final float[][] vt = new float[width][tokens];
    final float[][] dkt = new float[width][tokens];
    final float[][] dvt = new float[width][tokens];
    final float[][] scores = new float[tokens][queries];
    final float[][] dScores = queries == tokens ? scores : new float[queries][tokens];
    final float[][] few = new float[TRANSPOSED][tokens];
    final float[][] q = new float[queries][width];
    final float[][] dO = new float[queries][width];
    final float[][] qt = new float[width][queries];
    final float[][] ot = new float[width][queries];
    final float[] row = new float[width];
    final float[] max = new float[queries];
    final float[] sum = new float[queries];
    final float[] logSum = new float[queries];
    final float[] slope = new float[queries];

    /** The keys that count and their values. */
    void loadKeys(FloatBuffer from, float[] shift, float[] counts, int sample, int head) {
      float most = 0;
      for (int t = 0; t < tokens; t++) {
        most = Math.max(most, counts[sample * tokens + t]);
      }
      keys = 0;
      int c = heads * width;
      for (int t = 0; t < tokens; t++) {
        float less = most - counts[sample * tokens + t];
        if (less < 1) {
          int at = (sample * tokens + t) * 3 * c + head * width;
          from.get(at + c, k[keys], 0, width);
          from.get(at + 2 * c, v[keys], 0, width);
          addPart(k[keys], shift, c + head * width, width);
          addPart(v[keys], shift, 2 * c + head * width, width);
          added[keys] = less * LEFT_OUT; // a softmax does not see what all have in common
          kept[keys++] = t;
        }
      }
    }

    void transposeKeys() {
      for (int key = 0; key < keys; key++) {
        for (int j = 0; j < width; j++) {
          kt[j][key] = k[key][j];
          vt[j][key] = v[key][j];
        }
      }
    }

    /** Queries over √d as columns. */
    void loadQueries(FloatBuffer from, float[] shift, int sample, int first, int n, int column) {
      for (int i = 0; i < n; i++) {
        from.get((sample * tokens + first + i) * 3 * heads * width + column, row, 0, width);
        for (int j = 0; j < width; j++) {
          qt[j][i] = scale * (row[j] + shift[column + j]);
        }
      }
    }

    void storeColumns(
        float[][] from, FloatBuffer to, int step, int column, int sample, int first, int n) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < width; j++) {
          row[j] = from[j][i];
        }
        to.put((sample * tokens + first + i) * step + column, row, 0, width);
      }
    }

    /** Gradients of keys or values; those of keys that are left out are 0. */
    void storeKeys(float[][] from, FloatBuffer to, int column, int sample) {
      int key = 0;
      for (int t = 0; t < tokens; t++) {
        boolean here = key < keys && kept[key] == t;
        for (int j = 0; j < width; j++) {
          row[j] = here ? from[j][key] : 0;
        }
        key += here ? 1 : 0;
        to.put((sample * tokens + t) * 3 * heads * width + column, row, 0, width);
      }
    }
  }
}
