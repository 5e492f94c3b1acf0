package org.agr4j.layers;

import java.util.Arrays;
import org.agr4j.layers.cpu.FloatRows;
import org.agr4j.layers.cpu.WindowHeadsLoop;
import org.agr4j.layers.cpu.WindowLanesLoop;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.shape.Gather;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The arithmetic of attention within windows, between the joint product and the projection.
 *
 * <pre>
 * S = q kᵀ / √d + bias + mask    P = softmax of S over keys    o = P v
 * dv = Pᵀ do    dP = do vᵀ    dS = P ( dP − Σ over keys dP P )
 * dq = dS k / √d    dk = dSᵀ q / √d    dbias = Σ over windows dS
 * </pre>
 *
 * <p>Rows of the joint product are the positions of all samples, one sample behind the other, and
 * one row more if the grid is padded, which all padded tokens share. B is the number of windows of
 * all samples, T the tokens of a window.
 */
final class WindowHeads {
  /** Added to scores between positions that only the cyclic shift brought together. */
  static final double MASKED = -100;

  /** Added to the scores of keys that a mask leaves out. */
  static final double LEFT_OUT = -10_000;

  private static final int LARGE_TOKENS = 128;
  private static final int LARGE_WIDTH = 32;

  private final WindowGrid grid;
  private final HeadLayout layout;
  private final int samples;

  WindowHeads(WindowGrid grid, HeadLayout layout, long samples) {
    this.grid = grid;
    this.layout = layout;
    this.samples = Math.toIntExact(samples);
  }

  /** Shape of P: [B · heads, T, T]. */
  long[] probabilities() {
    long windows = (long) samples * grid.windows();
    return new long[] {windows * layout.heads(), grid.tokens(), grid.tokens()};
  }

  /** Shape of the bias: [heads, T, T]. */
  long[] bias() {
    return new long[] {layout.heads(), grid.tokens(), grid.tokens()};
  }

  /**
   * Writes P and o.
   *
   * @param qkv [rows, 3C], not modified
   * @param bias [heads, T, T] or null, not modified
   * @param keyMask [samples, T], 1 for keys that count, or null; not modified
   * @param p receives P
   * @param o [positions of all samples, C]
   */
  void forward(INDArray qkv, INDArray bias, INDArray keyMask, INDArray p, INDArray o) {
    if (!isLarge() && FloatRows.usable(qkv, bias, keyMask, p, o)) {
      if (inLanes() && keyMask == null) {
        lanes().forward(qkv, bias, p, o);
      } else {
        loop().forward(qkv, bias, keyMask, p, o);
      }
      return;
    }
    if (isOneHead() && bias == null && keyMask == null && FloatRows.usable(qkv, p, o)) {
      oneHead().forward(qkv, p, o);
      return;
    }
    INDArray windows = gather(qkv, tokenRows(qkv));
    INDArray q = part(windows, 0);
    INDArray scores = Nd4j.createUninitialized(p.dataType(), p.shape(), 'c');
    Products.timesTransposed(q.muli(scale()), part(windows, 1), scores);
    INDArray byWindow = byWindow(scores);
    if (bias != null) {
      byWindow.addi(bias.reshape('c', 1, 1, bias.size(0), bias.size(1), bias.size(2)));
    }
    if (grid.isMasked()) {
      byWindow.addi(mask(p.dataType()));
    }
    if (keyMask != null) {
      INDArray leftOut = keyMask.castTo(p.dataType()).rsub(1).muli(LEFT_OUT);
      byWindow.addi(leftOut.reshape('c', samples, 1, 1, 1, grid.tokens()));
    }
    p.assign(Nd4j.nn().softmax(scores, 2));
    INDArray out = Nd4j.createUninitialized(p.dataType(), q.shape(), 'c');
    o.assign(gather(tokens(Products.multiply(p, part(windows, 2), out)), positionRows(o)));
  }

  /**
   * Writes the gradients of the joint product and of the bias.
   *
   * @param dO [positions of all samples, C], not modified
   * @param dBias [heads, T, T] or null
   */
  void backward(INDArray qkv, INDArray p, INDArray dO, INDArray dQkv, INDArray dBias) {
    if (!isLarge() && FloatRows.usable(qkv, p, dO, dQkv, dBias)) {
      if (inLanes()) {
        lanes().backward(qkv, p, dO, dQkv, dBias);
      } else {
        loop().backward(qkv, p, dO, dQkv, dBias);
      }
      return;
    }
    if (isOneHead() && dBias == null && FloatRows.usable(qkv, p, dO, dQkv)) {
      oneHead().backward(qkv, p, dO, dQkv);
      return;
    }
    INDArray windows = gather(qkv, tokenRows(qkv));
    INDArray q = part(windows, 0);
    INDArray k = part(windows, 1);
    INDArray v = part(windows, 2);
    INDArray doWindows = headsOf(gather(withZeroRow(dO), tokenRows(qkv)), 0, layout.width());
    INDArray dv = Nd4j.createUninitialized(p.dataType(), v.shape(), 'c');
    Products.transposedTimes(p, doWindows, dv);
    INDArray ds = Nd4j.createUninitialized(p.dataType(), p.shape(), 'c');
    Products.timesTransposed(doWindows, v, ds);
    ds.subi(ds.mul(p).sum(true, 2)).muli(p);
    if (dBias != null) {
      dBias.assign(byWindow(ds).sum(0, 1));
    }
    INDArray dq = Nd4j.createUninitialized(p.dataType(), q.shape(), 'c');
    INDArray dk = Nd4j.createUninitialized(p.dataType(), q.shape(), 'c');
    Products.multiply(ds, k, dq).muli(scale());
    Products.transposedTimes(ds, q, dk).muli(scale());
    INDArray joined = join(dq, dk, dv);
    long positions = (long) samples * grid.size();
    dQkv.get(NDArrayIndex.interval(0, positions), NDArrayIndex.all())
        .assign(gather(joined, positionRows(dO)));
    if (grid.isPadded()) {
      INDArray padding = gather(joined, paddingRows());
      dQkv.get(NDArrayIndex.point(positions), NDArrayIndex.all()).assign(padding.sum(0));
    }
  }

  /** Whether a window's products are large enough for those of matrices to be faster than loops. */
  private boolean isLarge() {
    return grid.tokens() >= LARGE_TOKENS && layout.width() >= LARGE_WIDTH;
  }

  /** Whether it is all positions of a sample that one head attends to. */
  private boolean isOneHead() {
    return layout.heads() == 1 && grid.isWhole();
  }

  private OneHead oneHead() {
    return new OneHead(samples, grid.tokens(), layout.width());
  }

  private WindowHeadsLoop loop() {
    return new WindowHeadsLoop(
        grid.positions(),
        grid.regions(),
        grid.tokens(),
        grid.size(),
        layout.heads(),
        layout.width(),
        layout.byHead(),
        samples);
  }

  private boolean inLanes() {
    return grid.tokens() <= WindowLanesLoop.MOST_TOKENS;
  }

  private WindowLanesLoop lanes() {
    return new WindowLanesLoop(
        grid.positions(),
        grid.regions(),
        grid.tokens(),
        grid.size(),
        layout.heads(),
        layout.width(),
        layout.byHead(),
        samples);
  }

  private double scale() {
    return 1 / Math.sqrt(layout.width());
  }

  private INDArray byWindow(INDArray scores) {
    return scores.reshape(
        'c', samples, grid.windows(), layout.heads(), grid.tokens(), grid.tokens());
  }

  private INDArray mask(DataType type) {
    int tokens = grid.tokens();
    double[] mask = new double[grid.windows() * tokens * tokens];
    int at = 0;
    for (int window = 0; window < grid.windows(); window++) {
      for (int a = 0; a < tokens; a++) {
        for (int b = 0; b < tokens; b++) {
          mask[at++] = grid.together(window, a, b) ? 0 : MASKED;
        }
      }
    }
    return Nd4j.createFromArray(mask)
        .castTo(type)
        .reshape('c', 1, grid.windows(), 1, tokens, tokens);
  }

  private static INDArray gather(INDArray rows, int[] which) {
    return Nd4j.exec(new Gather(rows, Nd4j.createFromArray(which), 0))[0];
  }

  private static INDArray withZeroRow(INDArray rows) {
    return Nd4j.concat(0, rows, Nd4j.zeros(rows.dataType(), 1, rows.size(1)));
  }

  /** The row of every token of every window; padded tokens share the row behind all positions. */
  private int[] tokenRows(INDArray qkv) {
    int[] rows = new int[samples * grid.windows() * grid.tokens()];
    int at = 0;
    for (int sample = 0; sample < samples; sample++) {
      for (int window = 0; window < grid.windows(); window++) {
        for (int token = 0; token < grid.tokens(); token++) {
          int position = grid.position(window, token);
          rows[at++] = position < 0 ? samples * grid.size() : sample * grid.size() + position;
        }
      }
    }
    return rows;
  }

  /** The token of every position. */
  private int[] positionRows(INDArray positions) {
    int[] rows = new int[samples * grid.size()];
    int[] tokens = tokenRows(positions);
    for (int token = 0; token < tokens.length; token++) {
      if (tokens[token] < rows.length) {
        rows[tokens[token]] = token;
      }
    }
    return rows;
  }

  private int[] paddingRows() {
    int[] tokens = tokenRows(null);
    int padding = samples * grid.size();
    int[] rows = new int[tokens.length - padding];
    int at = 0;
    for (int token = 0; token < tokens.length; token++) {
      if (tokens[token] == padding) {
        rows[at++] = token;
      }
    }
    return Arrays.copyOf(rows, at);
  }

  /** Queries (0), keys (1) or values (2) of the tokens [B T, 3C] as [B · heads, T, d]. */
  private INDArray part(INDArray tokens, int part) {
    return headsOf(
        tokens, part * layout.step(), layout.byHead() ? 3 * layout.width() : layout.width());
  }

  private INDArray headsOf(INDArray tokens, int first, int headStep) {
    int d = layout.width();
    long windows = tokens.size(0) / grid.tokens();
    INDArray columns =
        headStep == d
            ? tokens.get(
                NDArrayIndex.all(), NDArrayIndex.interval(first, first + layout.channels()))
            : tokens
                .reshape('c', tokens.size(0), layout.heads(), headStep)
                .get(
                    NDArrayIndex.all(),
                    NDArrayIndex.all(),
                    NDArrayIndex.interval(first, first + d));
    return columns
        .dup('c')
        .reshape('c', windows, grid.tokens(), layout.heads(), d)
        .permute(0, 2, 1, 3)
        .dup('c')
        .reshape('c', windows * layout.heads(), grid.tokens(), d);
  }

  /** [B · heads, T, d] as [B T, C]. */
  private INDArray tokens(INDArray heads) {
    long windows = heads.size(0) / layout.heads();
    return heads
        .reshape('c', windows, layout.heads(), grid.tokens(), layout.width())
        .permute(0, 2, 1, 3)
        .dup('c')
        .reshape('c', windows * grid.tokens(), layout.channels());
  }

  private INDArray join(INDArray dq, INDArray dk, INDArray dv) {
    INDArray[] parts = {tokens(dq), tokens(dk), tokens(dv)};
    if (!layout.byHead()) {
      return Nd4j.concat(1, parts);
    }
    for (int i = 0; i < parts.length; i++) {
      parts[i] = parts[i].reshape('c', parts[i].size(0), layout.heads(), 1, layout.width());
    }
    INDArray joined = Nd4j.concat(2, parts);
    return joined.reshape('c', joined.size(0), 3L * layout.channels());
  }
}
