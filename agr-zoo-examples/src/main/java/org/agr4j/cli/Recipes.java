package org.agr4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.agr4j.input.BadInputException;

/**
 * The recipes, settings of the paper's experiments, by name: YAML files that are part of the jar.
 */
final class Recipes implements Iterable<String> {
  /** Their names. */
  static final List<String> NAMES =
      List.of("cifar100", "tiny-imagenet", "convnext", "swin", "tinyvit", "ddpm", "albert");

  private static final String FOLDER = "/org/agr4j/recipes/";

  /** Their names, for picocli. */
  @Override
  public Iterator<String> iterator() {
    return NAMES.iterator();
  }

  /**
   * The text of a recipe.
   *
   * @throws BadInputException if there is none of that name
   */
  static String text(String name) {
    if (!NAMES.contains(name)) {
      throw new BadInputException("--recipe is " + name + ", expected " + String.join(", ", NAMES));
    }
    try (InputStream in = Recipes.class.getResourceAsStream(FOLDER + name + ".yaml")) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("recipes are part of this program", e);
    }
  }
}
