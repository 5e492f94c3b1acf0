package org.agr4j.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.agr4j.benchmark.Machine;

/** Versions and hardware of this process, by name. */
final class Environment {
  private Environment() {}

  static Map<String, Object> here() {
    Machine machine = Machine.here();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("agr4j", version());
    facts.put("nd4j", machine.nd4j());
    facts.put("backend", machine.backend());
    facts.put("java", machine.java());
    facts.put("system", machine.system());
    facts.put("processor", machine.processor());
    facts.put("processors", machine.processors());
    facts.put("nd4j-threads", machine.nd4jThreads());
    facts.put("heap-gib", machine.memoryGib());
    return facts;
  }

  private static String version() {
    Properties build = new Properties();
    try (InputStream in = Environment.class.getResourceAsStream("/org/agr4j/build.properties")) {
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty("version");
  }
}
