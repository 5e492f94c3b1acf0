package org.agr4j.golden;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agr4j.zoo.ConvNeXt;
import org.agr4j.zoo.ImageNetworkBuilder;
import org.agr4j.zoo.Swin;
import org.agr4j.zoo.TinyVit;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The kinds of network that golden numbers exist for: how each is built and where its stages end.
 */
enum GoldenFamily {
  CONVNEXT("param/stem.conv.weight", "stem.norm", "down.conv", 0) {
    @Override
    ImageNetworkBuilder builder(GoldenConfig config) {
      return ConvNeXt.tiny()
          .depths(config.all("depths"))
          .widths(config.all("widths"))
          .patch(config.one("patch"))
          .dropPath(0);
    }
  },
  SWIN("param/patch_embed.conv.weight", "patch_embed.norm", "merge.reduction", -1) {
    @Override
    ImageNetworkBuilder builder(GoldenConfig config) {
      return Swin.tiny()
          .patch(config.one("patch"))
          .depths(config.all("depths"))
          .heads(config.all("heads"))
          .window(config.one("window"))
          .dropPath(0)
          .width(config.one("width"));
    }
  },
  TINYVIT("param/stem.conv1.conv.weight", "stem.conv2.bn", "down.project.bn", -1) {
    @Override
    ImageNetworkBuilder builder(GoldenConfig config) {
      int[] heads = config.all("heads");
      int[] windows = config.all("windows");
      return TinyVit.of5M()
          .depths(config.all("depths"))
          .widths(config.all("widths"))
          .heads(Arrays.copyOfRange(heads, 1, heads.length))
          .windows(Arrays.copyOfRange(windows, 1, windows.length))
          .dropPath(0);
    }
  };

  private static final Pattern STAGE = Pattern.compile("(stage|down)(\\d+)(?:\\.block(\\d+))?");

  private final String mark;
  private final String stem;
  private final String down;
  private final int downsamplingStage;

  /**
   * A kind of network.
   *
   * @param mark an array that only its files have
   * @param stem last layer of the stem
   * @param down last layer of the downsampling
   * @param downsamplingStage 0 if it belongs to the stage behind it, -1 to the stage before
   */
  GoldenFamily(String mark, String stem, String down, int downsamplingStage) {
    this.mark = mark;
    this.stem = stem;
    this.down = down;
    this.downsamplingStage = downsamplingStage;
  }

  /** Builder of the network with the settings of a file. */
  abstract ImageNetworkBuilder builder(GoldenConfig config);

  /** The kind of a file with these arrays, or null. */
  static GoldenFamily of(Set<String> arrays) {
    for (GoldenFamily family : values()) {
      if (arrays.contains(family.mark)) {
        return family;
      }
    }
    return null;
  }

  /** The vertex whose output has that name in the files, or null if none has. */
  String vertex(String name, ComputationGraph network) {
    if (name.equals("stem")) {
      return stem;
    }
    if (name.equals("features")) {
      return lastBefore(network, "output");
    }
    Matcher stage = STAGE.matcher(name);
    if (!stage.matches()) {
      return null;
    }
    int index = Integer.parseInt(stage.group(2)) - 1;
    if (stage.group(1).equals("down")) {
      return "stages." + (index + downsamplingStage) + "." + down;
    }
    String blocks = "stages." + index + ".blocks.";
    if (stage.group(3) != null) {
      return blocks + (Integer.parseInt(stage.group(3)) - 1);
    }
    int block = 0;
    while (network.getVertex(blocks + (block + 1)) != null) {
      block++;
    }
    return blocks + block;
  }

  private static String lastBefore(ComputationGraph network, String vertex) {
    return network.getConfiguration().getVertexInputs().get(vertex).get(0);
  }
}
