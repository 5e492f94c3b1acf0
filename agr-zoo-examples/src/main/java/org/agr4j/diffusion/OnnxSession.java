package org.agr4j.diffusion;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.CharPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.onnxruntime.Env;
import org.bytedeco.onnxruntime.MemoryInfo;
import org.bytedeco.onnxruntime.RunOptions;
import org.bytedeco.onnxruntime.Session;
import org.bytedeco.onnxruntime.SessionOptions;
import org.bytedeco.onnxruntime.Value;
import org.bytedeco.onnxruntime.ValueVector;
import org.bytedeco.onnxruntime.global.onnxruntime;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.onnxruntime.util.ONNXUtils;

/**
 * A network in ONNX Runtime. Without nd4j-onnxruntime's own runner, which writes a page for each
 * batch to standard error and keeps every output in memory.
 */
final class OnnxSession {
  private static final String MISSING =
      "%s needs ONNX Runtime, which is not on the class path (%s); for ./agr it is added by mvn -q -f agr-zoo-examples/onnx-libraries package, elsewhere by org.nd4j:nd4j-onnxruntime:1.0.0-M2.1 and its natives";

  private final Path file;
  private final Env env; // lives as long as the session
  private final Session session;
  private final PointerPointer<BytePointer> input;
  private final PointerPointer<BytePointer> outputs;
  private final int count;

  private OnnxSession(Path file, Env env, Session session, String input, List<String> outputs) {
    this.file = file;
    this.env = env;
    this.session = session;
    this.input = new PointerPointer<>(input);
    this.outputs = new PointerPointer<>(outputs.toArray(String[]::new));
    this.count = outputs.size();
  }

  /**
   * Reads a network.
   *
   * @param file ONNX
   * @param input the name of its input
   * @param outputs the names of its outputs
   * @throws BadInputException in one line, if ONNX Runtime is not there, or refuses the network
   */
  static OnnxSession open(Path file, String input, List<String> outputs) {
    try {
      Env env = new Env(onnxruntime.ORT_LOGGING_LEVEL_FATAL, "agr");
      SessionOptions options = new SessionOptions();
      options.SetLogSeverityLevel(onnxruntime.ORT_LOGGING_LEVEL_FATAL);
      Pointer path =
          Loader.getPlatform().startsWith("windows")
              ? new CharPointer(file.toString())
              : new BytePointer(file.toString());
      return new OnnxSession(file, env, new Session(env, path, options), input, outputs);
    } catch (LinkageError e) {
      throw new BadInputException(MISSING.formatted(file, firstLine(e)), e);
    } catch (RuntimeException e) {
      throw new BadInputException(
          "%s is refused by ONNX Runtime: %s".formatted(file, firstLine(e)), e);
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @SuppressWarnings("unchecked") // of no class
  private static PointerScope scope() {
    return new PointerScope();
  }

  /**
   * Runs the network.
   *
   * @param images FLOAT, row-major; not modified
   * @return its outputs, in their order
   * @throws BadInputException if it does not take them
   */
  List<INDArray> run(INDArray images) {
    PointerScope scope = scope(); // what is made below goes with it
    try {
      MemoryInfo memory =
          MemoryInfo.CreateCpu(onnxruntime.OrtArenaAllocator, onnxruntime.OrtMemTypeDefault);
      Value tensor = ONNXUtils.getTensor(images, memory);
      ValueVector found = session.Run(new RunOptions(), input, tensor, 1, outputs, count);
      List<INDArray> arrays = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Value value = found.get(i);
        LongPointer shape = value.GetTensorTypeAndShapeInfo().GetShape();
        long[] sizes = new long[(int) shape.capacity()];
        shape.get(sizes);
        float[] values = new float[(int) value.GetTensorTypeAndShapeInfo().GetElementCount()];
        value.GetTensorMutableDataFloat().get(values);
        arrays.add(Nd4j.createFromArray(values).reshape('c', sizes));
      }
      return arrays;
    } catch (RuntimeException e) {
      throw new BadInputException(
          "%s does not take %d images of %d×%d: %s"
              .formatted(file, images.size(0), images.size(2), images.size(3), firstLine(e)),
          e);
    } finally {
      scope.close();
    }
  }
}
