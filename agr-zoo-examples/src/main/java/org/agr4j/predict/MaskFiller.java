package org.agr4j.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.agr4j.data.text.SequenceForm;
import org.agr4j.data.text.Vocabulary;
import org.agr4j.data.text.WordPieces;
import org.agr4j.input.BadInputException;
import org.agr4j.run.ModelFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained language model that says which words belong in a text's gaps.
 *
 * <pre>{@code
 * MaskFiller filler = MaskFiller.open(Path.of("model.zip"));
 * List<List<MaskFiller.Answer>> gaps = filler.fill("The capital of France is [MASK] .", 5);
 * }</pre>
 *
 * <p>The text is cut into the word pieces that the network was trained with, and shown to it as
 * [CLS] text [SEP] [SEP], as a stretch with nothing behind it was.
 */
public final class MaskFiller {
  private static final int SPECIAL = 3;

  /**
   * A word piece and how sure the network is of it.
   *
   * @param piece the piece; one that goes on in a word begins with {@code ##}
   * @param probability 0 to 1
   */
  public record Answer(String piece, double probability) {}

  private final String source;
  private final ComputationGraph graph;
  private final Vocabulary vocabulary;
  private final WordPieces pieces;
  private final SequenceForm form;

  private MaskFiller(
      String source, ComputationGraph graph, Vocabulary vocabulary, SequenceForm form) {
    this.source = source;
    this.graph = graph;
    this.vocabulary = vocabulary;
    this.pieces = new WordPieces(vocabulary);
    this.form = form;
  }

  /**
   * Reads a network, without trusting its file.
   *
   * @param file {@code model.zip} of a run
   * @throws BadInputException if it is damaged, not safe to read, or no language model
   */
  public static MaskFiller open(Path file) {
    try (ModelFile model = ModelFile.open(file)) {
      return of(file.toString(), model);
    }
  }

  /** Whether a file says that it holds a language model. */
  public static boolean isFor(ModelFile model) {
    return model.text(SequenceForm.ENTRY).isPresent();
  }

  /**
   * Reads a network, without trusting its file.
   *
   * @param source what to call it in messages
   * @param model the file; stays open
   * @throws BadInputException if it is damaged, not safe to read, or no language model
   */
  public static MaskFiller of(String source, ModelFile model) {
    SequenceForm form =
        SequenceForm.ofJson(
            source + ": " + SequenceForm.ENTRY, text(source, model, SequenceForm.ENTRY));
    Vocabulary vocabulary =
        Vocabulary.ofText(source + ": " + Vocabulary.FILE, text(source, model, Vocabulary.FILE));
    ComputationGraph graph = model.network(false);
    if (graph.getNumInputArrays() != 4 || graph.getNumOutputArrays() != 2) {
      throw new BadInputException(
          "%s has a network of %d inputs and %d outputs, expected 4 and 2, a language model's"
              .formatted(source, graph.getNumInputArrays(), graph.getNumOutputArrays()));
    }
    return new MaskFiller(source, graph, vocabulary, form);
  }

  private static String text(String source, ModelFile model, String name) {
    return model
        .text(name)
        .orElseThrow(
            () ->
                new BadInputException(
                    "%s has no %s, expected model.zip of a run of agr train that learned a language"
                        .formatted(source, name)));
  }

  /**
   * The most probable word pieces of each gap, the first first; equals by their order in the
   * vocabulary.
   *
   * @param text a text with at least one {@code [MASK]}
   * @param top how many of each, at most
   * @return the gaps in the order of the text
   * @throws BadInputException if there is no gap, there are too many, or the text is too long
   */
  public List<List<Answer>> fill(String text, int top) {
    List<Integer> tokens = new ArrayList<>();
    List<Integer> gaps = new ArrayList<>();
    tokens.add(vocabulary.id(Vocabulary.BEGIN));
    String rest = text;
    for (int gap; (gap = rest.indexOf(Vocabulary.MASK)) >= 0; ) {
      add(rest.substring(0, gap), tokens);
      gaps.add(tokens.size());
      tokens.add(vocabulary.id(Vocabulary.MASK));
      rest = rest.substring(gap + Vocabulary.MASK.length());
    }
    add(rest, tokens);
    tokens.add(vocabulary.id(Vocabulary.END));
    tokens.add(vocabulary.id(Vocabulary.END));
    require(text, tokens.size(), gaps.size());
    float[] logits = logits(tokens, gaps);
    List<List<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < gaps.size(); i++) {
      answers.add(best(logits, i * vocabulary.size(), top));
    }
    return answers;
  }

  private void add(String text, List<Integer> tokens) {
    for (int id : pieces.ids(text.strip())) {
      tokens.add(id);
    }
  }

  private void require(String text, int length, int gaps) {
    String start = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    if (gaps == 0) {
      throw new BadInputException(
          "'%s' has no %s, expected one where a word is to be guessed"
              .formatted(start, Vocabulary.MASK));
    }
    if (length > form.length()) {
      throw new BadInputException(
          "'%s' has %,d word pieces, expected at most %,d: the network has %,d positions"
              .formatted(start, length - SPECIAL, form.length() - SPECIAL, form.length()));
    }
    if (gaps > form.predictions()) {
      throw new BadInputException(
          "'%s' has %,d of %s, expected at most %,d, as the network guesses at once"
              .formatted(start, gaps, Vocabulary.MASK, form.predictions()));
    }
  }

  private float[] logits(List<Integer> tokens, List<Integer> gaps) {
    int length = tokens.size();
    float[] ids = new float[length];
    float[] segments = new float[length];
    float[] mask = new float[length];
    for (int i = 0; i < length; i++) {
      ids[i] = tokens.get(i);
      mask[i] = 1;
    }
    segments[length - 1] = 1;
    float[] places = new float[gaps.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = gaps.get(i);
    }
    INDArray output;
    try {
      output = graph.output(row(ids), row(segments), row(mask), row(places))[0];
    } catch (RuntimeException e) {
      throw new BadInputException(
          "%s has a network that does not take a text of %d word pieces: %s"
              .formatted(
                  source, length, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    if (output.length() != (long) gaps.size() * vocabulary.size()) {
      throw new BadInputException(
          "%s has a network of %,d outputs, expected one for each of %,d word pieces"
              .formatted(source, output.length() / gaps.size(), vocabulary.size()));
    }
    return output.dup('c').data().asFloat();
  }

  private INDArray row(float[] values) {
    return Nd4j.create(values, new int[] {1, values.length}, 'c')
        .castTo(graph.getConfiguration().getDataType());
  }

  /** The most probable pieces of a gap, whose logits begin at a place. */
  private List<Answer> best(float[] logits, int from, int top) {
    int size = vocabulary.size();
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      largest = Math.max(largest, logits[from + i]);
    }
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.exp(logits[from + i] - largest);
    }
    double most = largest;
    double all = sum;
    return IntStream.range(0, size)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -logits[from + i]))
        .limit(top)
        .map(i -> new Answer(vocabulary.piece(i), Math.exp(logits[from + i] - most) / all))
        .toList();
  }
}
