package org.agr4j.task.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.agr4j.data.DatasetChoice;
import org.agr4j.input.BadInputException;
import org.agr4j.layers.ResidualVertex;
import org.agr4j.settings.LoopSettings;
import org.agr4j.settings.Setting;
import org.agr4j.settings.Settings;
import org.agr4j.train.SmallRuns;
import org.agr4j.zoo.ConvNeXt;
import org.agr4j.zoo.ImageNetworkBuilder;
import org.agr4j.zoo.NamedNetwork;
import org.agr4j.zoo.Swin;
import org.agr4j.zoo.TinyVit;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.learning.config.NoOp;

/** Drop path, patch and windows reach the network that has them, and are refused for others. */
class NetworkSettingsTest {
  private static SmallRuns.Given given(String model) {
    NamedNetwork network = NamedNetwork.of(model).orElseThrow();
    return SmallRuns.given()
        .with(LoopSettings.MODEL, model)
        .with(ClassificationSettings.WIDTH, network.narrowWidth())
        .with(ClassificationSettings.DATASET, DatasetChoice.TINY_IMAGENET);
  }

  private static ComputationGraphConfiguration network(Settings s) {
    return ClassificationSettings.network(s, 3, 64, 64, 5);
  }

  private static double dropPath(ComputationGraphConfiguration conf, String block) {
    return ((ResidualVertex) conf.getVertices().get(block)).dropPath();
  }

  /** By default as published, which is on record, and linear over the blocks. */
  @ParameterizedTest
  @CsvSource({
    "convnext-t, stages.3.blocks.2, stages.2.blocks.0, 6, 17, 0.1",
    "swin-t, stages.3.blocks.1, stages.1.blocks.1, 3, 11, 0.2",
    "swin-s, stages.3.blocks.1, stages.1.blocks.1, 3, 23, 0.3",
    "tinyvit-5m, stages.3.blocks.1, stages.1.blocks.1, 3, 11, 0",
    "tinyvit-11m, stages.3.blocks.1, stages.1.blocks.1, 3, 11, 0.1",
    "tinyvit-21m, stages.3.blocks.1, stages.1.blocks.1, 3, 11, 0.2"
  })
  void dropPath(
      String model, String last, String between, int blocksBefore, int blocks, double published) {
    Settings standard = given(model).settings();
    assertEquals(published, standard.get(NetworkSettings.DROP_PATH));
    assertEquals(published, standard.stored().get("drop-path"));
    assertEquals(published, dropPath(network(standard), last), 1e-12);
    ComputationGraphConfiguration other =
        network(given(model).with(NetworkSettings.DROP_PATH, 0.5).settings());
    assertEquals(0.5, dropPath(other, last), 1e-12);
    assertEquals(0.5 * blocksBefore / blocks, dropPath(other, between), 1e-12);
    assertEquals(0, dropPath(other, "stages.0.blocks.0"), 1e-12);
  }

  @Test
  void patchAndWindow() {
    assertNetwork(
        Swin.tiny().patch(2).window(8),
        given("swin-t").with(NetworkSettings.PATCH, 2).with(NetworkSettings.WINDOW, List.of(8)));
    assertNetwork(ConvNeXt.tiny().patch(2), given("convnext-t").with(NetworkSettings.PATCH, 2));
    assertNetwork(
        TinyVit.of5M().windows(7, 14, 7),
        given("tinyvit-5m").with(NetworkSettings.WINDOW, List.of(7, 14, 7)));
  }

  /** The window follows the patch that was given. */
  @Test
  void theDefaultsFitTheImages() {
    Settings standard = given("swin-t").settings();
    assertNull(standard.get(NetworkSettings.PATCH));
    assertNull(standard.stored().get("window"));
    assertNetwork(Swin.tiny().patch(4).window(4), given("swin-t"));
    assertNetwork(Swin.tiny().patch(1).window(4), given("swin-t").with(NetworkSettings.PATCH, 1));
    assertNetwork(ConvNeXt.tiny(), given("convnext-t"));
    assertNetwork(TinyVit.of11M().windows(4, 4, 2), given("tinyvit-11m"));
  }

  private static void assertNetwork(ImageNetworkBuilder expected, SmallRuns.Given given) {
    Settings settings = given.settings();
    assertEquals(
        expected
            .inputShape(3, 64, 64)
            .numClasses(5)
            .width(settings.get(ClassificationSettings.WIDTH))
            .seed(settings.get(LoopSettings.SEED))
            .updater(new NoOp())
            .build()
            .conf()
            .toJson(),
        network(settings).toJson());
  }

  @ParameterizedTest
  @EnumSource(names = {"RESNET18", "VGG11"})
  void othersHaveNone(NamedNetwork network) {
    String model = network.label();
    Settings settings = given(model).settings();
    assertNull(settings.get(NetworkSettings.DROP_PATH));
    assertNull(settings.stored().get("drop-path"));
    refused(
        given(model).with(NetworkSettings.DROP_PATH, 0.0),
        "--drop-path is given and means nothing to --model "
            + model
            + ", expected convnext-t, swin-t, swin-s, tinyvit-5m, tinyvit-11m, tinyvit-21m");
    refused(
        given(model).with(NetworkSettings.PATCH, 4),
        "--patch is given and means nothing to --model "
            + model
            + ", expected convnext-t, swin-t, swin-s");
  }

  @Test
  void refusesWhatCannotWork() {
    refused(
        given("convnext-t").with(NetworkSettings.WINDOW, List.of(4)),
        "--window is given and means nothing to --model convnext-t, expected swin-t, swin-s, "
            + "tinyvit-5m, tinyvit-11m, tinyvit-21m");
    refused(
        given("swin-t").with(NetworkSettings.WINDOW, List.of(4, 4, 2)),
        "--window is 4,4,2 with --model swin-t, expected one number");
    refused(
        given("tinyvit-5m").with(NetworkSettings.WINDOW, List.of(4)),
        "--window is 4 with --model tinyvit-5m, expected 3 numbers, for stages 2 to 4");
    refused(given("swin-t").with(NetworkSettings.DROP_PATH, 1.0), "--drop-path is 1.0, expected");
    refused(given("swin-t").with(NetworkSettings.PATCH, 0), "--patch is 0, expected");
    refused(
        given("swin-t").with(NetworkSettings.WINDOW, List.of(0)),
        "--window is [0], expected whole");
    refused(
        given("swin-t").with(NetworkSettings.PATCH, 4).with(NetworkSettings.WINDOW, List.of(7)),
        "--model swin-t does not fit: window = 7 with patch 4 does not cut 64x64 images into whole "
            + "windows; expected patch 1 with window 4, ");
    refused(
        given("convnext-t").with(NetworkSettings.PATCH, 7),
        "--model convnext-t does not fit: inputShape = [3, 64, 64], expected channels, height, "
            + "width with height and width multiples of 56");
  }

  private static void refused(SmallRuns.Given given, String message) {
    String found = assertThrows(BadInputException.class, given::settings).getMessage();
    assertTrue(found.startsWith(message), found);
    assertEquals(1, found.lines().count());
  }

  /** A run's settings.yaml has them, whatever the network. */
  @Test
  void areSettingsOfEveryRun() {
    List<Setting<?>> declared = given("resnet18").settings().declared();
    assertTrue(declared.containsAll(NetworkSettings.all()));
  }
}
