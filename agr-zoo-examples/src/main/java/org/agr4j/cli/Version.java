package org.agr4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version the build wrote into the resources. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    Properties build = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/org/agr4j/build.properties")) {
      build.load(in);
    }
    return new String[] {
      "agr4j " + build.getProperty("version"),
      "Deeplearning4j " + build.getProperty("dl4j.version"),
      "Java " + Runtime.version()
    };
  }
}
