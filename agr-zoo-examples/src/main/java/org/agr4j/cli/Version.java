package org.agr4j.cli;

import org.agr4j.run.Machine;
import picocli.CommandLine.IVersionProvider;

/** The version the build wrote into the resources. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "agr4j " + Machine.built("version"),
      "Deeplearning4j " + Machine.built("dl4j.version"),
      "Java " + Runtime.version()
    };
  }
}
