package org.agr4j.cli;

import static org.agr4j.cli.Outcome.tiny;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.agr4j.run.RunFolder;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AgrMode;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsReachTheRunTest {
  @TempDir Path folder;

  private ComputationGraph trained(String name, String... options) throws IOException {
    Path run = folder.resolve(name);
    String[] all = new String[options.length + 1];
    all[0] = "--out=" + run;
    System.arraycopy(options, 0, all, 1, options.length);
    tiny("train", all).done();
    return ModelSerializer.restoreComputationGraph(run.resolve(RunFolder.MODEL).toFile(), true);
  }

  private static BaseLayer layer(ComputationGraph graph, String name) {
    return (BaseLayer)
        ((LayerVertex) graph.getConfiguration().getVertices().get(name)).getLayerConf().getLayer();
  }

  private static AgrMode mode(ComputationGraph graph, String layer, String parameter) {
    return ((AdamWAgr) layer(graph, layer).getUpdaterByParam(parameter)).getAgrMode();
  }

  @Test
  void agrMode() throws IOException {
    ComputationGraph standard = trained("standard");
    ComputationGraph all = trained("all", "--agr-mode=all-moments");
    assertEquals(AgrMode.FIRST_MOMENT, mode(standard, "stem", "W"));
    assertEquals(AgrMode.ALL_MOMENTS, mode(all, "stem", "W"));
    assertEquals(AgrMode.OFF, mode(all, "output", "b"));
    assertNotEquals(standard.params(), all.params());
  }

  @Test
  void tensors() throws IOException {
    ComputationGraph weights = trained("weights");
    ComputationGraph all = trained("all", "--tensors=all");
    for (String[] tensor : new String[][] {{"output", "b"}, {"stem_bn", "gamma"}}) {
      assertEquals(AgrMode.OFF, mode(weights, tensor[0], tensor[1]));
      assertEquals(AgrMode.FIRST_MOMENT, mode(all, tensor[0], tensor[1]));
    }
    assertEquals(0, layer(weights, "output").getRegularizationBias().size());
    assertEquals(1, layer(all, "output").getRegularizationBias().size());
    assertNotEquals(weights.params(), all.params());
  }

  @Test
  void workersDoNotMatter() throws IOException {
    ComputationGraph none = trained("0", images("standard", 0));
    assertEquals(none.params(), trained("3", images("standard", 3)).params());
    assertNotEquals(
        none.params(), trained("plain", images("none", 0)).params(), "there is something to share");
  }

  private static String[] images(String augment, int workers) {
    return new String[] {
      "--augment=" + augment, "--limit-train=40", "--batch-size=16", "--workers=" + workers
    };
  }

  /** The numbers of the optimizer that no option sets are on record, too. */
  @Test
  void theOptimizersNumbersAreWritten() throws IOException {
    trained("run");
    String optimizer =
        new YAMLMapper()
            .readTree(folder.resolve("run").resolve(RunFolder.ENVIRONMENT).toFile())
            .get("optimizer")
            .asText();
    assertTrue(
        optimizer.contains("beta1=0.9, beta2=0.999, epsilon=1.0E-8, agrMode=FIRST_MOMENT"),
        optimizer);
  }
}
