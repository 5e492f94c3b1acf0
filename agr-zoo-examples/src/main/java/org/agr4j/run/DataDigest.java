package org.agr4j.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.SettingsFile;

/**
 * What the data of a run are known by, wherever they lie: {@code data.yaml} in a run's folder.
 *
 * @param values names with counts and digests, for example {@code train-images: 40}
 */
public record DataDigest(Map<String, String> values) {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final int SHOWN_DIGITS = 12;

  /** Counts as text, and digests. */
  public DataDigest {
    values = new LinkedHashMap<>(values);
  }

  /** Writes them into the folder of a run that begins. */
  public void write(RunFolder folder) {
    folder.write(RunFolder.DATA, SettingsFile.yaml(values));
  }

  /**
   * Makes sure that a run goes on with the data it was begun with, and notes where they lie now.
   *
   * @param folder the run
   * @param place where the data lie now, as {@code --data} has it; empty if they have no place
   * @throws BadInputException if they are others, or if they are elsewhere and the run is of a
   *     build that kept no digest; nothing is changed then
   */
  public void require(RunFolder folder, String place) {
    boolean moved = isElsewhere(folder, place);
    if (Files.exists(folder.path().resolve(RunFolder.DATA))) {
      DataDigest begun = read(folder);
      if (!begun.equals(this)) {
        throw new BadInputException(
            "the data of --data %s are not those the run in %s was begun with: found %s, expected %s"
                .formatted(place, folder.path(), this, begun));
      }
    } else if (moved) {
      throw new BadInputException(
          "the run in %s was begun by a build that kept no digest of its data, so those of --data %s cannot be compared with them, expected --data %s"
              .formatted(folder.path(), place, place(folder)));
    } else {
      write(folder);
    }
    if (moved) {
      folder.write(
          RunFolder.SETTINGS,
          SettingsFile.replace(folder.read(RunFolder.SETTINGS), SettingsFile.DATA, place));
    }
  }

  /** Whether the data are said to be at another place than a run notes. */
  public static boolean isElsewhere(RunFolder folder, String place) {
    return !place.equals(place(folder));
  }

  private static String place(RunFolder folder) {
    return SettingsFile.value(folder.read(RunFolder.SETTINGS), SettingsFile.DATA);
  }

  private static DataDigest read(RunFolder folder) {
    try {
      return new DataDigest(
          YAML.readValue(
              folder.read(RunFolder.DATA), new TypeReference<LinkedHashMap<String, String>>() {}));
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          folder.path().resolve(RunFolder.DATA) + " does not describe a run's data", e);
    }
  }

  /** For messages: counts and the first digits. */
  @Override
  public String toString() {
    return values.entrySet().stream()
        .map(e -> e.getKey() + " " + start(e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String start(String value) {
    return value.length() > SHOWN_DIGITS ? value.substring(0, SHOWN_DIGITS) + "…" : value;
  }
}
