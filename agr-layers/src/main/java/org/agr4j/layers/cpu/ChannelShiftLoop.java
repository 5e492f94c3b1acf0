package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A number for each channel of each sample, added at every position of [N, H, W, C], and the
 * gradient, in one pass. All arrays are {@link FloatRows#usable}.
 */
public final class ChannelShiftLoop {
  private ChannelShiftLoop() {}

  /** y ← x + shift [N, C]. */
  public static void forward(INDArray x, INDArray shift, INDArray y) {
    int n = FloatRows.columns(x);
    int rows = Math.toIntExact(x.size(1) * x.size(2));
    int together = FloatRows.rowsTogether(n);
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer shifts = HostFloats.of(shift);
    FloatBuffer to = HostFloats.of(y);
    FloatRows.forEachChunk(
        Math.toIntExact(x.size(0)),
        rows * n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          float[] ofSample = new float[n];
          for (int sample = first; sample < end; sample++) {
            shifts.get(sample * n, ofSample);
            float[] added = FloatRows.repeated(ofSample, n, together);
            for (int i = 0; i < rows; i += together) {
              int at = (sample * rows + i) * n;
              int length = Math.min(together, rows - i) * n;
              from.get(at, piece, 0, length);
              GeluLoop.add(piece, added, length);
              to.put(at, piece, 0, length);
            }
          }
        });
  }

  /** dx ← dy, and the sums of dy over the positions of each sample [N, C]. */
  public static void backward(INDArray dy, INDArray dx, INDArray dShift) {
    int n = FloatRows.columns(dy);
    int rows = Math.toIntExact(dy.size(1) * dy.size(2));
    int together = FloatRows.rowsTogether(n);
    FloatBuffer from = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dx);
    FloatBuffer sums = HostFloats.of(dShift);
    FloatRows.forEachChunk(
        Math.toIntExact(dy.size(0)),
        rows * n,
        (chunk, first, end) -> {
          float[] piece = new float[together * n];
          for (int sample = first; sample < end; sample++) {
            float[] ofPieces = new float[together * n];
            for (int i = 0; i < rows; i += together) {
              int at = (sample * rows + i) * n;
              int length = Math.min(together, rows - i) * n;
              from.get(at, piece, 0, length);
              GeluLoop.add(ofPieces, piece, length);
              to.put(at, piece, 0, length);
            }
            float[] total = new float[n];
            for (int j = 0; j < ofPieces.length; j++) {
              total[j % n] += ofPieces[j];
            }
            sums.put(sample * n, total);
          }
        });
  }
}
