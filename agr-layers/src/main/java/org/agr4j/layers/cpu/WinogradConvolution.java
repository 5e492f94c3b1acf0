package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The forward pass of a 3×3 convolution of stride 1 and padding 1, as the data gradient of another.
 *
 * <pre>
 * y = x ∗ w = ∂/∂u ⟨x, u ∗ v⟩    with v[c, o, i, j] = w[o, c, 2 − i, 2 − j]
 * </pre>
 *
 * <p>oneDNN 2.3, which is inside ND4J 1.0.0-M2.1, computes forward passes directly and data
 * gradients by Winograd's F(4×4, 3×3) on processors with AVX-512, with a quarter of the products:
 * half the time of the operation {@code conv2d} on ResNet's shapes. Its rounding was 2e-6 to 3e-6
 * of the largest output there. Costs a copy of the weights while it runs.
 *
 * <p>Source: Lavin and Gray, arXiv 1509.09308.
 */
public final class WinogradConvolution {
  private static final int SIDE = 3;
  private static final int TAPS = SIDE * SIDE;

  // oneDNN's blocks of channels; with others it does not take Winograd's way.
  private static final int BLOCK = 16;

  private WinogradConvolution() {}

  /**
   * Whether a convolution is one of these; its padding is 1 or mode Same. Images must be square: of
   * others the operation refuses some and gives wrong numbers for some.
   */
  static boolean fits(
      INDArray input,
      boolean channelsLast,
      INDArray weights,
      int[] kernel,
      int[] strides,
      int[] pad,
      boolean same) {
    int height = channelsLast ? 1 : 2;
    return kernel[0] == SIDE
        && kernel[1] == SIDE
        && strides[0] == 1
        && strides[1] == 1
        && (same || pad[0] == 1 && pad[1] == 1)
        && input.size(height) == input.size(height + 1)
        && weights.size(0) % BLOCK == 0
        && weights.size(1) % BLOCK == 0
        && input.dataType() == DataType.FLOAT
        && weights.dataType() == DataType.FLOAT
        && HostFloats.fits(weights)
        && HostFloats.isRowMajor(weights);
  }

  /**
   * Writes x ∗ w.
   *
   * @param x images, not modified
   * @param weights w [out, in, 3, 3], not modified
   * @param channelsLast whether images are NHWC
   * @param turned v as [3, 3, out, in], written
   * @param out written
   */
  static void forward(
      INDArray x, INDArray weights, boolean channelsLast, INDArray turned, INDArray out) {
    turn(weights, turned);
    compute(x, turned, channelsLast, out);
  }

  private static void compute(INDArray x, INDArray turned, boolean channelsLast, INDArray out) {
    Nd4j.exec(
        DynamicCustomOp.builder("deconv2d_tf")
            .addInputs(Nd4j.createFromArray(out.shape()), turned, x)
            .addOutputs(out)
            .addIntegerArguments(SIDE, SIDE, 1, 1, 1, 1, 1, 1, 0, channelsLast ? 1 : 0, 0)
            .build());
  }

  /**
   * Writes x ∗ w where that is the fastest way, for weights with channels last.
   *
   * @param x row-major square images NHWC, not modified
   * @param weights w [out, 3, 3, in], not modified
   * @param y written, row-major
   * @return whether it was done
   */
  public static boolean forward(INDArray x, INDArray weights, INDArray y) {
    if (x.size(1) != x.size(2)
        || x.size(3) % BLOCK != 0
        || weights.size(0) % BLOCK != 0
        || weights.size(1) != SIDE
        || !FastCpuLayers.oneDnnBuilt()
        || !FloatRows.usable(x, weights, y)) {
      return false;
    }
    int outputs = Math.toIntExact(weights.size(0));
    int inputs = Math.toIntExact(weights.size(3));
    INDArray turned = Nd4j.createUninitialized(DataType.FLOAT, SIDE, SIDE, outputs, inputs);
    FloatBuffer from = HostFloats.of(weights);
    FloatBuffer to = HostFloats.of(turned);
    float[] row = new float[inputs];
    for (int output = 0; output < outputs; output++) {
      for (int tap = 0; tap < TAPS; tap++) {
        from.get((output * TAPS + TAPS - 1 - tap) * inputs, row);
        to.put((tap * outputs + output) * inputs, row);
      }
    }
    compute(x, turned, true, y);
    return true;
  }

  private static void turn(INDArray weights, INDArray turned) {
    int outputs = Math.toIntExact(weights.size(0));
    int inputs = Math.toIntExact(weights.size(1));
    FloatBuffer from = HostFloats.of(weights);
    FloatBuffer to = HostFloats.of(turned);
    FloatRows.forEachChunk(
        outputs,
        inputs * TAPS,
        (chunk, first, end) -> {
          float[] filters = new float[inputs * TAPS];
          float[] ofTap = new float[inputs];
          for (int output = first; output < end; output++) {
            from.get(output * inputs * TAPS, filters);
            for (int tap = 0; tap < TAPS; tap++) {
              for (int input = 0; input < inputs; input++) {
                ofTap[input] = filters[input * TAPS + TAPS - 1 - tap];
              }
              to.put((tap * outputs + output) * inputs, ofTap);
            }
          }
        });
  }
}
