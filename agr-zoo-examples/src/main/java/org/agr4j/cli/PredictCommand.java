package org.agr4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.agr4j.input.BadInputException;
import org.agr4j.predict.Classifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code agr predict}. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Say what images show, with a trained network.",
    description = {
      "%nPrints a line for each image: its most probable classes and their probabilities. The image "
          + "is brought to the network's size as the training images were. An image that cannot be "
          + "read is named, and the others are still answered.%n"
    },
    footer = {
      "%nA model.zip of a stranger runs no code: what it holds is checked before it is read.",
      "%nExample:%n  agr predict --model-file runs/mine/model.zip cat.jpg dog.png"
    })
final class PredictCommand implements Callable<Integer> {
  private static final int MOST_BYTES = 1 << 28;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model-file",
      paramLabel = "FILE",
      required = true,
      description = "model.zip of a run of agr train.")
  private Path modelFile;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many classes to name (default ${DEFAULT-VALUE}).")
  private int top;

  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      description = "Files: JPEG, PNG, GIF, BMP or WebP.")
  private List<Path> images;

  @Override
  public Integer call() {
    if (top < 1) {
      throw new BadInputException("--top is " + top + ", expected a whole number > 0");
    }
    Classifier classifier = Classifier.open(modelFile);
    PrintWriter out = spec.commandLine().getOut();
    int failed = 0;
    for (Path image : images) {
      try {
        String answers =
            classifier.classify(content(image), image.toString(), top).stream()
                .map(answer -> "%s %.1f%%".formatted(answer.name(), 100 * answer.probability()))
                .collect(Collectors.joining(", "));
        out.println(image + ": " + answers);
      } catch (BadInputException e) {
        failed++;
        spec.commandLine().getErr().println("agr: " + FailureLine.inOneLine(e.getMessage()));
      }
    }
    return failed == 0 ? 0 : 1;
  }

  private static byte[] content(Path image) {
    if (!Files.isRegularFile(image)) {
      throw new BadInputException(
          image
              + (Files.isDirectory(image) ? " is a folder" : ": no such file")
              + ", expected an image");
    }
    try {
      if (Files.size(image) > MOST_BYTES) {
        throw new BadInputException(
            "%s has %,d bytes, expected an image, %,d at most"
                .formatted(image, Files.size(image), MOST_BYTES));
      }
      return Files.readAllBytes(image);
    } catch (IOException e) {
      throw new BadInputException("%s cannot be read: %s".formatted(image, e), e);
    }
  }
}
