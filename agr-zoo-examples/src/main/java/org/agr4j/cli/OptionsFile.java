package org.agr4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.agr4j.input.BadInputException;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options in a YAML file: one document, one mapping, each key an option given once, its value a
 * number, a name, {@code true} or {@code false}, or a list where the option takes one.
 */
final class OptionsFile {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** Eight to some readers of YAML, ten to others. */
  private static final Pattern LEADING_ZERO = Pattern.compile("[-+]?0[0-9_]+");

  /**
   * A value and where it was found.
   *
   * @param value as it would be on the command line; empty for an empty list
   * @param place file and line, for messages
   */
  record Entry(String value, String place) {}

  private final String source;
  private final Map<String, OptionSpec> options;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();

  private OptionsFile(String source, Map<String, OptionSpec> options) {
    this.source = source;
    this.options = options;
  }

  /**
   * Reads a file.
   *
   * @param file UTF-8 text
   * @param options what it may hold, by key
   * @throws BadInputException if it cannot be read or holds anything else
   */
  static Map<String, Entry> read(Path file, Map<String, OptionSpec> options) {
    try {
      return parse(file.toString(), Files.readString(file), options);
    } catch (CharacterCodingException e) {
      throw new BadInputException(file + " is not UTF-8 text, expected a YAML file", e);
    } catch (IOException e) {
      throw new BadInputException(
          file + " cannot be read (" + e.getClass().getSimpleName() + "), expected a YAML file", e);
    }
  }

  /**
   * Reads a text.
   *
   * @param source its name in messages
   * @param text YAML
   * @param options what it may hold, by key
   * @throws BadInputException if it holds anything else
   */
  static Map<String, Entry> parse(String source, String text, Map<String, OptionSpec> options) {
    OptionsFile file = new OptionsFile(source, options);
    String marked = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    try (YAMLParser parser = YAML.getFactory().createParser(marked)) {
      file.document(parser);
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "%s is not YAML of the form 'option: value' (line %d)"
              .formatted(source, e.getLocation() == null ? 1 : e.getLocation().getLineNr()),
          e);
    } catch (IOException e) {
      throw new IllegalStateException("a text in memory is always read", e);
    }
    return file.entries;
  }

  private void document(YAMLParser parser) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      throw new BadInputException(source + " holds nothing, expected lines 'option: value'");
    }
    if (first != JsonToken.START_OBJECT) {
      throw new BadInputException(
          "%s is not YAML of the form 'option: value' (line %d)".formatted(source, line(parser)));
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      entry(parser);
    }
    if (parser.nextToken() != null) {
      throw new BadInputException(
          "%s has a second document in line %d, expected one".formatted(source, line(parser)));
    }
  }

  private void entry(YAMLParser parser) throws IOException {
    String key = parser.currentName();
    int line = line(parser);
    Integer before = lines.put(key, line);
    if (before != null) {
      throw new BadInputException(
          "%s has the key '%s' twice, in lines %d and %d, expected it once"
              .formatted(source, key, before, line));
    }
    OptionSpec option = options.get(key);
    if (option == null) {
      throw new BadInputException(
          "%s has the unknown key '%s' in line %d, expected an option; the nearest is '%s'"
              .formatted(source, key, line, nearest(key)));
    }
    List<String> values = new ArrayList<>();
    if (parser.nextToken() == JsonToken.START_ARRAY) {
      if (option.splitRegex().isEmpty()) {
        throw wrong(key, line, "a list", "one value");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        values.add(scalar(parser, key));
      }
      if (values.isEmpty()) {
        return;
      }
    } else {
      values.add(scalar(parser, key));
    }
    String value = String.join(",", values);
    if (option.typeInfo().isBoolean() && !value.matches("true|false")) {
      throw wrong(key, line, "'" + value + "'", "true or false");
    }
    entries.put(key, new Entry(value, source + ", line " + line));
  }

  private String scalar(YAMLParser parser, String key) throws IOException {
    int line = line(parser);
    if (parser.isCurrentAlias()) {
      throw wrong(key, line, "an alias", "the value itself");
    }
    switch (parser.currentToken()) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_STRING, VALUE_TRUE, VALUE_FALSE -> {
        String text = parser.getText();
        if (parser.currentToken() != JsonToken.VALUE_STRING
            && LEADING_ZERO.matcher(text).matches()) {
          throw wrong(key, line, text, "a number without a leading zero");
        }
        return text;
      }
      case VALUE_NULL -> throw wrong(key, line, "nothing", "a number, a name or a list");
      case START_OBJECT -> throw wrong(key, line, "a mapping", "a number, a name or a list");
      default -> throw wrong(key, line, "a list", "a number or a name");
    }
  }

  private BadInputException wrong(String key, int line, String found, String expected) {
    return new BadInputException(
        "%s has %s for '%s' in line %d, expected %s".formatted(source, found, key, line, expected));
  }

  private static int line(YAMLParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }

  private String nearest(String key) {
    return options.keySet().stream()
        .min(Comparator.comparingInt(name -> editDistance(key, name)))
        .orElseThrow();
  }

  /** Levenshtein's: insertions, deletions and replacements of one character. */
  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(diagonal, row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
