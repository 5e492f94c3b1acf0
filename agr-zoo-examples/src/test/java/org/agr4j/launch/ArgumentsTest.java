package org.agr4j.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  private static byte[] line(String... words) {
    return (String.join("\0", words) + "\0").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void areWhatWasWritten() {
    byte[] line = line("java", "-cp", "x", "Main", "train", "--data=é 😀", "", "a\nb", "");
    assertArrayEquals(
        new String[] {"train", "--data=é 😀", "", "a\nb", ""},
        Arguments.last(line, "train", "--data=?? ????", "", "a\nb", ""));
  }

  @Test
  void stayWhereNothingWasLost() {
    String[] args = {"train", "--out=é"};
    assertSame(args, Arguments.asWritten(args));
    assertSame(args, Arguments.last(line("one"), args), "not this process's");
  }

  @Test
  void refuseBytesThatAreNoText() {
    byte[] line = "java\0caf\u00e9.zip\0".getBytes(StandardCharsets.ISO_8859_1);
    String said =
        assertThrows(IllegalArgumentException.class, () -> Arguments.last(line, "caf?.zip"))
            .getMessage();
    assertTrue(said.startsWith("the argument 'caf\uFFFD.zip' is not UTF-8 text"), said);
  }
}
