package org.agr4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agr4j.input.BadInputException;
import org.agr4j.predict.Classifier;
import org.agr4j.predict.MaskFiller;
import org.agr4j.run.ModelFile;
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
    header = "Say what images show, or what words are missing in a text, with a trained network.",
    description = {
      "%nPrints a line for each image: its most probable classes and their probabilities. The image "
          + "is brought to the network's size as the training images were.",
      "%nWith a language model it prints a line for each [MASK] in a text: the most probable word "
          + "pieces there.",
      "%nAn image or text that cannot be read is named, and the others are still answered.%n"
    },
    footer = {
      "%nA model.zip of a stranger runs no code: what it holds is checked before it is read.",
      "%nExamples:%n  agr predict --model-file runs/mine/model.zip cat.jpg dog.png",
      "  agr predict --model-file runs/albert/model.zip \"The capital of France is [MASK] .\""
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
      description = "How many classes or words to name (default ${DEFAULT-VALUE}).")
  private int top;

  @Parameters(
      paramLabel = "IMAGE|TEXT",
      arity = "1..*",
      description = "Files: JPEG, PNG, GIF, BMP or WebP; or texts with [MASK] in them.")
  private List<String> inputs;

  /** Answers an input in one or more lines. */
  private interface Answering {
    List<String> lines(String input);
  }

  @Override
  public Integer call() {
    if (top < 1) {
      throw new BadInputException("--top is " + top + ", expected a whole number > 0");
    }
    Answering network = open();
    PrintWriter out = spec.commandLine().getOut();
    int failed = 0;
    for (String input : inputs) {
      try {
        network.lines(input).forEach(out::println);
      } catch (BadInputException e) {
        failed++;
        spec.commandLine().getErr().println("agr: " + FailureLine.inOneLine(e.getMessage()));
      }
    }
    return failed == 0 ? 0 : 1;
  }

  /** What is answered depends on what the network was trained for, which its file says. */
  private Answering open() {
    try (ModelFile model = ModelFile.open(modelFile)) {
      if (MaskFiller.isFor(model)) {
        MaskFiller filler = MaskFiller.of(modelFile.toString(), model);
        return text -> filled(filler, text);
      }
    }
    Classifier classifier = Classifier.open(modelFile);
    return image -> List.of(image + ": " + classified(classifier, image));
  }

  private String classified(Classifier classifier, String name) {
    return classifier.classify(content(path(name)), name, top).stream()
        .map(answer -> answer(answer.name(), answer.probability()))
        .collect(Collectors.joining(", "));
  }

  private List<String> filled(MaskFiller filler, String text) {
    List<List<MaskFiller.Answer>> masks = filler.fill(text, top);
    return IntStream.range(0, masks.size())
        .mapToObj(
            i ->
                text
                    + (masks.size() == 1 ? ": " : ", mask " + (i + 1) + ": ")
                    + masks.get(i).stream()
                        .map(answer -> answer(answer.piece(), answer.probability()))
                        .collect(Collectors.joining(", ")))
        .toList();
  }

  private static String answer(String name, double probability) {
    return "%s %.1f%%".formatted(name, 100 * probability);
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new BadInputException(FailureLine.unnameable(e), e);
    }
  }

  private static byte[] content(Path image) {
    if (image.toString().isEmpty() || !Files.isRegularFile(image)) {
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
