package org.agr4j.layers.cpu;

import java.util.Arrays;

/**
 * Attention of every position to all positions of its sequence, for one sequence and by one thread.
 *
 * <pre>
 * S = q kᵀ / √d − 10000 (1 − mask of the key)    P = softmax of S over keys    o = P v
 * dv = Pᵀ do    dP = do vᵀ    dS = P ( dP − Σ of do o )    dq = dS k / √d    dk = dSᵀ q / √d
 * </pre>
 *
 * <p>The scores of a block of queries stay in the core's cache and are never written to memory: the
 * backward pass makes them again from the logarithm of each query's sum of exponentials, as in Dao
 * et al., arXiv 2205.14135. They lie key by key, so that a softmax over keys is one of whole rows.
 * Keys with mask 0 beside some with 1 are left out, which is what e⁻¹⁰⁰⁰⁰ does; those behind the
 * last that counts are not even computed.
 */
final class SampleAttention {
  private static final float LEFT_OUT = -10_000f;
  private static final int MOST_QUERIES = 128; // of a block: 256 KB of scores with 512 keys

  private final int tokens;
  private final int heads;
  private final int width;
  private final int columns;
  private final int queries;
  private final float scale;

  private final HostMatrix scores;
  private final HostMatrix dScores;
  private final HostMatrix out;

  /** What is added to a key's scores: −∞ where it is left out. */
  private final float[] added;

  private int keys;
  private boolean allCount;

  // Several rows of scores at a time, and what all of them are combined with, as often.
  private final float[] piece;
  private final float[] other;
  private final float[] max;
  private final float[] sum;

  private final float[] logSum;
  private final float[] slopes;

  /**
   * Makes the memory that one thread works in.
   *
   * @param tokens T, positions of a sequence
   * @param heads number of heads
   * @param width d
   */
  SampleAttention(int tokens, int heads, int width) {
    this.tokens = tokens;
    this.heads = heads;
    this.width = width;
    columns = heads * width;
    queries = Math.min(tokens, MOST_QUERIES);
    scale = (float) (1 / Math.sqrt(width));
    scores = HostMatrix.scratch(tokens, queries);
    dScores = HostMatrix.scratch(tokens, queries);
    out = HostMatrix.scratch(queries, width);
    added = new float[tokens];
    int length = FloatRows.LENGTH + Math.max(queries, columns);
    piece = new float[length];
    other = new float[length];
    max = new float[length];
    sum = new float[length];
    logSum = new float[queries];
    slopes = new float[heads * tokens];
  }

  /**
   * Takes the mask of the next sequence.
   *
   * @param mask 1 for keys that count
   * @param first where it begins
   */
  void setMask(float[] mask, int first) {
    float most = 0;
    for (int t = 0; t < tokens; t++) {
      most = Math.max(most, mask[first + t]);
    }
    keys = 0;
    allCount = true;
    for (int t = 0; t < tokens; t++) {
      float less = most - mask[first + t]; // a softmax does not see what all have in common
      added[t] = less < 1 ? less * LEFT_OUT : Float.NEGATIVE_INFINITY;
      if (less < 1) {
        keys = t + 1;
      }
    }
    for (int t = 0; t < keys; t++) {
      allCount &= added[t] == 0;
    }
  }

  /**
   * Writes the heads' outputs, and what {@link #backward} needs.
   *
   * @param qkv [N T, 3C], queries, keys, values, each head by head; not modified
   * @param sample which of the N
   * @param o [N T, C]
   * @param logSums [N heads, T], log Σ over keys of exp S
   */
  void forward(HostMatrix qkv, int sample, HostMatrix o, HostMatrix logSums) {
    for (int head = 0; head < heads; head++) {
      for (int first = 0; first < tokens; first += queries) {
        int n = Math.min(queries, tokens - first);
        int row = sample * tokens + first;
        forward(qkv, sample * tokens, row, head * width, n);
        storeOverSums(o, row, head * width, n);
        logSums.buffer.put(logSums.index(sample * heads + head) + first, logSum, 0, n);
      }
    }
  }

  /** Leaves P v in {@code out}, but for the sums that its rows are to be divided by. */
  private void forward(HostMatrix qkv, int sequence, int row, int column, int n) {
    int step = 3 * columns;
    CoreProducts.timesTransposed(
        keys,
        n,
        width,
        scale,
        qkv.at(sequence, columns + column),
        step,
        qkv.at(row, column),
        step,
        0,
        scores.at(0),
        n);
    int together = Math.min(keys, FloatRows.rowsTogether(n));
    Arrays.fill(max, 0, together * n, Float.NEGATIVE_INFINITY);
    for (int key = 0; key < keys; key += together) {
      int length = loadScores(key, together, n);
      max(max, piece, length);
    }
    for (int i = n; i < together * n; i += n) {
      for (int j = 0; j < n; j++) {
        max[j] = Math.max(max[j], max[i + j]);
      }
    }
    repeat(max, n, together);
    Arrays.fill(sum, 0, together * n, 0);
    for (int key = 0; key < keys; key += together) {
      int length = loadScores(key, together, n);
      exponentials(key, length, n);
      GeluLoop.add(sum, piece, length);
      scores.buffer.put(key * n, piece, 0, length);
    }
    for (int j = 0; j < n; j++) {
      float total = sum[j];
      for (int i = n; i < together * n; i += n) {
        total += sum[i + j];
      }
      logSum[j] = max[j] + (float) Math.log(total);
      sum[j] = 1 / total;
    }
    CoreProducts.transposedTimes(
        n,
        width,
        keys,
        1,
        scores.at(0),
        n,
        qkv.at(sequence, 2 * columns + column),
        step,
        0,
        out.at(0),
        width);
  }

  /** Several keys' scores into {@code piece}; answers their number. */
  private int loadScores(int key, int together, int n) {
    int length = Math.min(together, keys - key) * n;
    scores.buffer.get(key * n, piece, 0, length);
    if (!allCount) {
      for (int i = 0; i < length; i += n) {
        addTo(piece, i, n, added[key + i / n]);
      }
    }
    return length;
  }

  /** The piece becomes e to it less {@code max}. */
  private void exponentials(int key, int length, int n) {
    expOfDifference(piece, max, length);
    if (!allCount) {
      for (int i = 0; i < length; i += n) {
        if (added[key + i / n] == Float.NEGATIVE_INFINITY) {
          Arrays.fill(piece, i, i + n, 0);
        }
      }
    }
  }

  private void storeOverSums(HostMatrix o, int row, int column, int n) {
    int together = FloatRows.rowsTogether(width);
    for (int i = 0; i < n; i += together) {
      int rows = Math.min(together, n - i);
      out.buffer.get(i * width, piece, 0, rows * width);
      for (int j = 0; j < rows; j++) {
        Arrays.fill(other, j * width, (j + 1) * width, sum[i + j]);
      }
      multiply(piece, other, rows * width);
      if (heads == 1) {
        o.buffer.put(o.index(row + i), piece, 0, rows * width);
      } else {
        for (int j = 0; j < rows; j++) {
          o.buffer.put(o.index(row + i + j) + column, piece, j * width, width);
        }
      }
    }
  }

  /**
   * Writes the gradient of the sample's joint product.
   *
   * @param qkv as in {@link #forward}, as {@code o} and {@code logSums}; not modified
   * @param dO [T, C], of the sample alone, not modified
   * @param dQkv [T, 3C], of the sample alone
   */
  void backward(
      HostMatrix qkv,
      int sample,
      HostMatrix o,
      HostMatrix logSums,
      HostMatrix dO,
      HostMatrix dQkv) {
    findSlopes(o, sample * tokens, dO);
    Arrays.fill(piece, 0, columns, 0);
    for (int t = keys; t < tokens; t++) {
      dQkv.buffer.put(dQkv.index(t) + columns, piece, 0, columns);
      dQkv.buffer.put(dQkv.index(t) + 2 * columns, piece, 0, columns);
    }
    for (int head = 0; head < heads; head++) {
      for (int first = 0; first < tokens; first += queries) {
        int n = Math.min(queries, tokens - first);
        int together = Math.min(keys, FloatRows.rowsTogether(n));
        logSums.buffer.get(logSums.index(sample * heads + head) + first, max, 0, n);
        System.arraycopy(slopes, head * tokens + first, sum, 0, n);
        repeat(max, n, together);
        repeat(sum, n, together);
        backward(qkv, sample * tokens, dO, first, head * width, n, together, dQkv);
      }
    }
  }

  /** Σ of do o of each query and head. */
  private void findSlopes(HostMatrix o, int row, HostMatrix dO) {
    int together = FloatRows.rowsTogether(columns);
    for (int t = 0; t < tokens; t += together) {
      int rows = Math.min(together, tokens - t);
      o.buffer.get(o.index(row + t), piece, 0, rows * columns);
      dO.buffer.get(dO.index(t), other, 0, rows * columns);
      multiply(piece, other, rows * columns);
      for (int i = 0; i < rows * heads; i++) {
        slopes[i % heads * tokens + t + i / heads] = RowReductions.sum(piece, i * width, width);
      }
    }
  }

  private void backward(
      HostMatrix qkv,
      int sequence,
      HostMatrix dO,
      int first,
      int column,
      int n,
      int together,
      HostMatrix dQkv) {
    int step = 3 * columns;
    long q = qkv.at(sequence + first, column);
    long k = qkv.at(sequence, columns + column);
    long v = qkv.at(sequence, 2 * columns + column);
    long gradient = dO.at(first, column);
    CoreProducts.timesTransposed(keys, n, width, scale, k, step, q, step, 0, scores.at(0), n);
    CoreProducts.timesTransposed(
        keys, n, width, 1, v, step, gradient, columns, 0, dScores.at(0), n);
    for (int key = 0; key < keys; key += together) {
      int length = loadScores(key, together, n);
      exponentials(key, length, n);
      scores.buffer.put(key * n, piece, 0, length);
      dScores.buffer.get(key * n, other, 0, length);
      scoreGradient(other, piece, sum, scale, length);
      dScores.buffer.put(key * n, other, 0, length);
    }
    float keep = first == 0 ? 0 : 1;
    CoreProducts.multiply(
        keys,
        width,
        n,
        1,
        scores.at(0),
        n,
        gradient,
        columns,
        keep,
        dQkv.at(0, 2 * columns + column),
        step);
    CoreProducts.multiply(
        keys, width, n, 1, dScores.at(0), n, q, step, keep, dQkv.at(0, columns + column), step);
    CoreProducts.transposedTimes(
        n, width, keys, 1, dScores.at(0), n, k, step, 0, dQkv.at(first, column), step);
  }

  /** The first n elements once more, until they are there so many times. */
  private static void repeat(float[] x, int n, int times) {
    for (int i = n; i < times * n; i += n) {
      System.arraycopy(x, 0, x, i, n);
    }
  }

  private static void addTo(float[] x, int from, int n, float a) {
    for (int i = from; i < from + n; i++) {
      x[i] += a;
    }
  }

  private static void max(float[] max, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      max[i] = Math.max(max[i], x[i]);
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

  /** dP becomes dS. */
  private static void scoreGradient(float[] dp, float[] p, float[] slope, float factor, int n) {
    for (int i = 0; i < n; i++) {
      dp[i] = factor * p[i] * (dp[i] - slope[i]);
    }
  }
}
