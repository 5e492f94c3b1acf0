package org.agr4j.data.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.agr4j.input.BadInputException;

/**
 * How long the sequences of a language model are: {@code language.json} in a run's {@code
 * model.zip}, beside its {@link Vocabulary}.
 *
 * @param length places of a sequence
 * @param predictions the most of them that are guessed at once
 */
public record SequenceForm(int length, int predictions) {
  /** The name of its file. */
  public static final String ENTRY = "language.json";

  private static final int MOST = 1 << 16;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /**
   * Checks the values; they may come from a stranger.
   *
   * @throws BadInputException if one is out of range
   */
  public SequenceForm {
    if (length < SentencePairs.SPECIAL
        || length > MOST
        || predictions < 1
        || predictions > length) {
      throw new BadInputException(
          "length %d and predictions %d, expected a sequence's".formatted(length, predictions));
    }
  }

  /** The content of its file. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers are always JSON", e);
    }
  }

  /**
   * Reads the content of its file.
   *
   * @param source what to call it in a message
   * @param json the content
   * @throws BadInputException if it is anything else
   */
  public static SequenceForm ofJson(String source, String json) {
    try {
      SequenceForm read = JSON.readValue(json, SequenceForm.class);
      if (read != null) {
        return read;
      }
    } catch (BadInputException | JsonProcessingException e) {
      throw refused(source, e);
    }
    throw refused(source, null);
  }

  private static BadInputException refused(String source, Exception cause) {
    return new BadInputException(
        source + " is not what agr train writes, expected the length of a network's sequences",
        cause);
  }
}
