package org.agr4j.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The floors of the house that docs/architecture.md draws: who may not know of whom. */
class FloorsTest {
  private static JavaClasses classes;

  /** The main code of all modules that are built. */
  @BeforeAll
  static void read() throws IOException {
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      List<Path> built =
          modules
              .map(module -> module.resolve("target/classes"))
              .filter(Files::isDirectory)
              .toList();
      classes = new ClassFileImporter().importPaths(built);
    }
    for (String known :
        List.of(
            "org.agr4j.updater.AdamWAgr",
            "org.agr4j.layers.cpu.FastCpuLayers",
            "org.agr4j.train.Trainer")) {
      assertTrue(classes.contain(known), known);
    }
  }

  private static void nothingIn(String floor, String... above) {
    noClasses()
        .that()
        .resideInAPackage(floor)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(above)
        .check(classes);
  }

  /** A kernel knows arrays and numbers. */
  @Test
  void kernelsKnowNoUpdaters() {
    nothingIn(
        "org.agr4j..kernel..", "org.agr4j", "org.agr4j.updater..", "org.agr4j.regularization..");
  }

  @Test
  void layersKnowNothingElseOfOurs() {
    noClasses()
        .that()
        .resideInAPackage("org.agr4j.layers..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.agr4j..").and(resideOutsideOfPackage("org.agr4j.layers..")))
        .check(classes);
  }

  /** It starts before anything else is loaded. */
  @Test
  void launchingKnowsNothingElseOfOurs() {
    noClasses()
        .that()
        .resideInAPackage("org.agr4j.launch..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.agr4j..").and(resideOutsideOfPackage("org.agr4j.launch..")))
        .check(classes);
  }

  @Test
  void networksKnowNoTraining() {
    nothingIn("org.agr4j.zoo..", "org.agr4j.train..");
  }

  @Test
  void dataKnowsNoTraining() {
    nothingIn("org.agr4j.data..", "org.agr4j.train..");
  }

  @Test
  void theLoopKnowsNoTask() {
    nothingIn(
        "org.agr4j.train..",
        "org.agr4j.task..",
        "org.agr4j.data..",
        "org.agr4j.zoo..",
        "org.agr4j.layers..");
  }

  /** What is learned is nothing to how it is run, compared and reported. */
  @Test
  void runsAndReportsKnowNoTask() {
    for (String floor : List.of("settings", "optimizer", "run", "compare", "report")) {
      nothingIn(
          "org.agr4j." + floor + "..",
          "org.agr4j.task..",
          "org.agr4j.data..",
          "org.agr4j.zoo..",
          "org.agr4j.layers..");
    }
  }

  /** But the command that runs on Spark, which is built from the same options. */
  @Test
  void nothingKnowsTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.agr4j.cli..")
        .and()
        .haveNameNotMatching("org\\.agr4j\\.spark\\.(SparkTrain|ClusterCommandOptions)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.agr4j.cli..")
        .check(classes);
  }

  @Test
  void noPackageKnowsItselfThroughOthers() {
    slices().matching("org.agr4j.(*)..").should().beFreeOfCycles().check(classes);
  }
}
