package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.agr4j.data.ImageSplits;
import org.agr4j.input.BadInputException;
import org.agr4j.optimizer.OptimizerChoice;
import org.agr4j.run.ModelFile;
import org.agr4j.run.RunFolder;
import org.agr4j.settings.Settings;
import org.agr4j.zoo.NamedNetwork;
import org.agr4j.zoo.Swin;
import org.agr4j.zoo.TinyVit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ConvNeXt, Swin and TinyViT by name: trained, saved, loaded, resumed. */
class ModernModelsTest {
  private static final RunOptions OFTEN = new RunOptions(1, Duration.ZERO, 3, false, List.of());

  @TempDir Path folder;

  /** Drop path, RandAugment, erasing, mixup and cutmix draw the same after a resume, too. */
  @ParameterizedTest
  @EnumSource(
      names = {"CONVNEXT_T", "SWIN_T", "SWIN_S", "TINYVIT_5M", "TINYVIT_11M", "TINYVIT_21M"})
  void goesOnToTheSameBitsAndIsLoaded(NamedNetwork model) {
    Settings settings = SmallRuns.everything(model, 6, OptimizerChoice.ADAMW_AGR, 2).settings();
    ImageSplits images = SmallRuns.wholeImages();
    TrainResult whole =
        Trainer.train(
            settings,
            SmallRuns.task(settings, images),
            RunFolder.create(folder.resolve("whole")),
            RunOptions.DEFAULT,
            ProgressReport.SILENT);
    RunFolder run = RunFolder.create(folder.resolve("crashed"));
    CrashingReport.crash(settings, images, run, OFTEN, 4);
    TrainResult resumed =
        Trainer.resume(
            settings,
            SmallRuns.task(settings, images),
            run,
            RunOptions.DEFAULT,
            ProgressReport.SILENT);
    ResumeRunTest.assertSame(whole, resumed);
    try (ModelFile file = ModelFile.open(run.path().resolve(RunFolder.MODEL))) {
      assertEquals(whole.graph().params(), file.network(true).params());
    }
  }

  @Test
  void aWidthThatHeadsDoNotDivideIsRefused() {
    for (NamedNetwork model : List.of(NamedNetwork.SWIN_T, NamedNetwork.TINYVIT_21M)) {
      assertEquals(
          "--width is 8 with --model "
              + model
              + ", expected a multiple of 3, which its heads divide",
          assertThrows(
                  BadInputException.class,
                  () -> SmallRuns.everything(model, 8, OptimizerChoice.ADAMW_AGR, 1).settings())
              .getMessage());
    }
  }

  @Test
  void windowsFitTheImages() {
    assertEquals(7, Swin.fittingWindow(224, 4));
    assertEquals(4, Swin.fittingWindow(64, 4));
    assertEquals(4, Swin.fittingWindow(32, 2));
    assertEquals(6, Swin.fittingWindow(96, 4));
    assertArrayEquals(new int[] {7, 14, 7}, TinyVit.fittingWindows(224));
    assertArrayEquals(new int[] {4, 4, 2}, TinyVit.fittingWindows(64));
    assertArrayEquals(new int[] {4, 2, 1}, TinyVit.fittingWindows(32));
  }
}
