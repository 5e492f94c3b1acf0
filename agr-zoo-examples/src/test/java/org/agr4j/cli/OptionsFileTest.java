package org.agr4j.cli;

import static org.agr4j.cli.Outcome.agr;
import static org.agr4j.cli.Outcome.tiny;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a YAML file of options may hold, and where it says otherwise. */
class OptionsFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void names() {
    file = folder.resolve("my.yaml");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "epochs: 3;;epochs: 4 | has the key 'epochs' twice, in lines 1 and 3",
        "epochs: 3;---;epochs: 4 | has a second document in line 3",
        "epochs: [3, 4] | has a list for 'epochs' in line 1, expected one value",
        "width: 1;epochs: {a: 3} | has a mapping for 'epochs' in line 2",
        "epochs: | has nothing for 'epochs' in line 1",
        "seeds: [[1], 2] | has a list for 'seeds' in line 1",
        "width: &w 3;epochs: *w | has an alias for 'epochs' in line 2",
        "epochs: 010 | has 010 for 'epochs' in line 1, expected a number without a leading zero",
        "statistics: ja | has 'ja' for 'statistics' in line 1, expected true or false",
        "width: 1;epoch: 3 | has the unknown key 'epoch' in line 2, expected an option",
        "- epochs | is not YAML of the form 'option: value' (line 1)",
        "epochs: 3;\twidth: 4 | is not YAML of the form 'option: value' (line",
        "epochs: 'three' | 'three' is not an int … (FILE, line 1)",
        "width: 1;model: true | found 'true', expected resnet18 … (FILE, line 2)",
        "learning-rate: .inf | found '.inf', expected a number … (FILE, line 1)",
        "learning-rate: 1:30 | found '1:30', expected a number … (FILE, line 1)",
        "width: 1;epochs: -3 | --epochs is -3 … (FILE, line 2)",
      })
  void refusesWithFileLineAndKey(String text, String parts) throws IOException {
    Files.writeString(file, text.replace(';', '\n') + "\n");
    Outcome outcome = agr("compare", "--config=" + file, "--out=" + folder.resolve("run"));
    int status = parts.contains("(FILE") && !parts.startsWith("--") ? 2 : 1;
    outcome.refused(status, parts.replace("FILE", file.toString()).split(" … "));
    assertTrue(outcome.err().contains(file.toString()), outcome.err());
    assertFalse(Files.exists(folder.resolve("run")));
  }

  @Test
  void whatIsGivenAnewIsNotTheFiles() throws IOException {
    Files.writeString(file, "epochs: -3\n");
    agr("train", "--config=" + file, "--epochs=0")
        .refused(1, "--epochs is 0, expected a whole number from 1");
    Outcome outcome = agr("train", "--config=" + file, "--epochs=0");
    assertFalse(outcome.err().contains("my.yaml"), outcome.err());
  }

  @Test
  void aByteOrderMarkIsReadOver() throws IOException {
    Files.writeString(file, "\uFEFFwidth: 1\r\nepochs: 1\r\n");
    tiny("train", "--config=" + file, "--out=" + folder.resolve("run")).done();
  }

  @Test
  void refusesOtherEncodings() throws IOException {
    Files.write(file, "model: é\n".getBytes(StandardCharsets.ISO_8859_1));
    agr("train", "--config=" + file).refused(1, file + " is not UTF-8 text");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--workers=100000",
        "--workers=-1",
        "--epochs=2000000",
        "--width=100000",
        "--min-learning-rate=1",
        "--warmup-epochs=9",
        "--checkpoint-every=-1",
        "--keep-checkpoints=1",
        "--ui=70000"
      })
  void refusesNumbersThatOnlyALibraryWould(String option) {
    String name = option.substring(0, option.indexOf('='));
    tiny("train", option, "--out=" + folder.resolve("run")).refused(1, name + " is ", "expected");
    assertFalse(Files.exists(folder.resolve("run")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "0x1p3", "1d", "1,5", "", "1e", "٣"})
  void refusesWhatOnlyJavaTakesForANumber(String number) {
    agr("train", "--learning-rate=" + number).refused(2, "--learning-rate", "expected a number");
  }

  @Test
  void refusesWhatOverflows() {
    agr("train", "--learning-rate=1e400").refused(1, "--learning-rate is Infinity");
    agr("train", "--epochs=900000", "--batch-size=1", "--limit-train=50000")
        .refused(1, "--epochs is 900000, which is 45000000000 steps");
    agr("compare", "--seeds=1000000000").refused(1, "--seeds is 1000000000, expected");
    agr("bench", "step", "--seconds=0").refused(1, "--seconds is 0");
    agr("bench", "training", "--width=1000000").refused(1, "--width is 1000000");
  }
}
