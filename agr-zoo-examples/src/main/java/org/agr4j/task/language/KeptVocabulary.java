package org.agr4j.task.language;

import org.agr4j.data.text.Vocabulary;
import org.agr4j.run.EpochMeter;
import org.agr4j.run.RunFolder;
import org.agr4j.train.Companion;
import org.agr4j.train.ProgressReport;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Writes the vocabulary into the run's folder when it begins. */
record KeptVocabulary(Vocabulary vocabulary) implements Companion {
  @Override
  public void begin(
      ComputationGraph graph, EpochMeter at, RunFolder folder, ProgressReport report) {
    folder.write(Vocabulary.FILE, vocabulary.text());
  }
}
