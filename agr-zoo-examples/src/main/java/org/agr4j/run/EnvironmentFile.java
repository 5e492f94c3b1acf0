package org.agr4j.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.Map;
import org.agr4j.TensorRole;
import org.agr4j.input.BadInputException;
import org.agr4j.settings.SettingsFile;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;

/**
 * {@code environment.yaml}: what a run was begun on ({@link Machine}) and, as {@code optimizer},
 * the updater of its weights with all its numbers, those no option sets included.
 */
public final class EnvironmentFile {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private EnvironmentFile() {}

  /** Writes it for this machine and a network's optimizer. */
  public static void write(RunFolder folder, ComputationGraphConfiguration conf) {
    folder.write(
        RunFolder.ENVIRONMENT,
        SettingsFile.yaml(Machine.here())
            + SettingsFile.yaml(Map.of("optimizer", optimizer(conf))));
  }

  private static String optimizer(ComputationGraphConfiguration conf) {
    return conf.getVertices().values().stream()
        .filter(LayerVertex.class::isInstance)
        .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer())
        .filter(BaseLayer.class::isInstance)
        .flatMap(
            layer ->
                layer.initializer().paramKeys(layer).stream()
                    .filter(key -> TensorRole.of(layer, key) == TensorRole.WEIGHT)
                    .map(key -> ((BaseLayer) layer).getUpdaterByParam(key).toString()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The machine a run was begun on, one line.
   *
   * @throws BadInputException if the file is missing or none of ours
   */
  public static String machine(RunFolder folder) {
    try {
      return YAML.readValue(folder.read(RunFolder.ENVIRONMENT), Machine.class).toString();
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          folder.path().resolve(RunFolder.ENVIRONMENT) + " does not describe a machine", e);
    }
  }
}
