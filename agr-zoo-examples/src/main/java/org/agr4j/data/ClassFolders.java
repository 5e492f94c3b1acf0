package org.agr4j.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.agr4j.data.image.ImageDecoder;
import org.agr4j.input.BadInputException;

/**
 * A user's own images in a folder or zip archive: which are there, their classes and their order.
 *
 * <pre>
 *   train/CLASS/….jpg  val/CLASS/….png     also training; validation, valid, test or testing
 *   CLASS/….jpg                            with a share of each class for testing
 * </pre>
 *
 * <p>Classes are in the order of their folders' names, whatever the language of the machine. A
 * class folder may have folders in it. Of {@code val} and {@code test} the first is used where both
 * are there. One folder around all of it, what desktops leave, hidden folders and files whose names
 * do not end as an image's do are passed over; an image in no class folder is refused.
 *
 * <p>Classes take turns ({@link LabelledFile#inTurns}), by number within a class. The share of a
 * class for testing are the ⌊share · n + ½⌋ files whose names have the lowest SHA-256, at least one
 * and not all: no other file moves when one is added.
 */
final class ClassFolders {
  private static final Set<String> TRAIN = Set.of("train", "training");
  private static final Set<String> VALIDATION = Set.of("val", "valid", "validation");
  private static final Set<String> TEST = Set.of("test", "testing");
  private static final int DEEPEST = 16;
  private static final String EXPECTED =
      "expected train/CLASS/… and val/CLASS/… or test/CLASS/…, or CLASS/… with --test-share";

  private final FileTree tree;
  private final List<String> classes;
  private final List<LabelledFile> train;
  private final List<LabelledFile> test;

  /**
   * Lists the images.
   *
   * @param tree the folder or archive
   * @param testShare share of each class that is kept for testing; 0 where there are test folders
   * @throws BadInputException if there are no classes, one only, one without images, or one that is
   *     in one split alone
   */
  ClassFolders(FileTree tree, double testShare) {
    this.tree = tree;
    String root = root();
    List<String> folders = folders(root);
    String trainFolder = split(root, folders, TRAIN);
    String validation = split(root, folders, VALIDATION);
    String testFolder = validation == null ? split(root, folders, TEST) : validation;
    if (trainFolder == null && testFolder != null) {
      throw new BadInputException(
          "%s is there, but no train beside it; %s".formatted(tree.located(testFolder), EXPECTED));
    }
    if (testFolder != null && testShare > 0) {
      throw new BadInputException(
          "--test-share is %s, but %s has test images: leave one out"
              .formatted(testShare, tree.located(testFolder)));
    }
    Map<String, List<String>> all = images(trainFolder == null ? root : trainFolder + "/");
    classes = List.copyOf(all.keySet());
    if (classes.size() < 2) {
      throw new BadInputException(
          "%s has %s, expected two classes or more; %s"
              .formatted(
                  tree.located(trainFolder == null ? root : trainFolder),
                  classes.isEmpty() ? "no class folders" : "one class only, " + classes.get(0),
                  EXPECTED));
    }
    if (testFolder != null) {
      train = LabelledFile.inTurns(List.copyOf(all.values()));
      test = LabelledFile.inTurns(testImages(testFolder));
      return;
    }
    if (testShare == 0) {
      throw new BadInputException(
          "%s has no test images: give --test-share, for example 0.2, or val or test beside train"
              .formatted(tree.located(root)));
    }
    List<List<String>> kept = new ArrayList<>();
    List<List<String>> taken = new ArrayList<>();
    all.forEach((name, files) -> divide(name, files, testShare, kept, taken));
    train = LabelledFile.inTurns(kept);
    test = LabelledFile.inTurns(taken);
  }

  /** Below folders that hold nothing but one folder. */
  private String root() {
    String root = "";
    for (int depth = 0; depth < DEEPEST; depth++) {
      List<String> folders = folders(root);
      boolean wraps =
          folders.size() == 1
              && !isSplit(folders.get(0))
              && !images(root, children(root))
              && !folders(root + folders.get(0) + "/").isEmpty();
      if (!wraps) {
        return root;
      }
      root += folders.get(0) + "/";
    }
    return root;
  }

  private static boolean isSplit(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return TRAIN.contains(lower) || VALIDATION.contains(lower) || TEST.contains(lower);
  }

  private boolean images(String folder, List<String> names) {
    return names.stream().anyMatch(name -> isImage(folder, name));
  }

  private boolean isImage(String folder, String name) {
    return ImageDecoder.hasImageName(name) && tree.has(folder + name);
  }

  private List<String> children(String folder) {
    String name = folder.isEmpty() ? "" : folder.substring(0, folder.length() - 1);
    return tree.children(name).stream().filter(child -> !child.startsWith(".")).sorted().toList();
  }

  private List<String> folders(String folder) {
    return children(folder).stream().filter(name -> !tree.has(folder + name)).toList();
  }

  private String split(String root, List<String> folders, Set<String> names) {
    List<String> found =
        folders.stream().filter(name -> names.contains(name.toLowerCase(Locale.ROOT))).toList();
    if (found.size() > 1) {
      throw new BadInputException(
          "%s and %s are both there, expected one of them"
              .formatted(tree.located(root + found.get(0)), found.get(1)));
    }
    return found.isEmpty() ? null : root + found.get(0);
  }

  /** The images of each class in a folder, by class. */
  private Map<String, List<String>> images(String folder) {
    for (String name : children(folder)) {
      if (isImage(folder, name)) {
        throw new BadInputException(
            "%s is an image in no class folder; %s"
                .formatted(tree.located(folder + name), EXPECTED));
      }
    }
    Map<String, List<String>> images = new TreeMap<>();
    for (String name : folders(folder)) {
      if (name.codePoints().anyMatch(Character::isISOControl)) {
        throw new BadInputException(
            "%s has a class with control characters in its name '%s'"
                .formatted(tree.located(folder), name.replaceAll("\\p{Cntrl}", "?")));
      }
      List<String> files = new ArrayList<>();
      collect(folder + name + "/", 0, files);
      if (files.isEmpty()) {
        throw new BadInputException(
            "%s is a class without images, expected files such as x.jpg or x.png"
                .formatted(tree.located(folder + name)));
      }
      files.sort(LabelledFile.BY_NUMBER);
      // An accent may be a letter of its own: archives made on a Mac have it so.
      if (images.put(Normalizer.normalize(name, Normalizer.Form.NFC), files) != null) {
        throw new BadInputException(
            "%s is there twice, in two ways to write its letters"
                .formatted(tree.located(folder + name)));
      }
    }
    return images;
  }

  private void collect(String folder, int depth, List<String> files) {
    if (depth > DEEPEST) {
      throw new BadInputException(
          "%s is more than %d folders deep".formatted(tree.located(folder), DEEPEST));
    }
    for (String name : children(folder)) {
      if (tree.has(folder + name)) {
        if (ImageDecoder.hasImageName(name)) {
          files.add(folder + name);
        }
      } else {
        collect(folder + name + "/", depth + 1, files);
      }
    }
  }

  private List<List<String>> testImages(String folder) {
    Map<String, List<String>> images = images(folder + "/");
    for (String name : images.keySet()) {
      if (!classes.contains(name)) {
        throw new BadInputException(
            "%s is a class that train has not, expected its %d classes"
                .formatted(tree.located(folder + "/" + name), classes.size()));
      }
    }
    List<List<String>> byClass = new ArrayList<>();
    for (String name : classes) {
      if (!images.containsKey(name)) {
        throw new BadInputException(
            "%s is missing, a class of train".formatted(tree.located(folder + "/" + name)));
      }
      byClass.add(images.get(name));
    }
    return byClass;
  }

  private void divide(
      String name,
      List<String> files,
      double share,
      List<List<String>> kept,
      List<List<String>> taken) {
    int n = files.size();
    if (n < 2) {
      throw new BadInputException(
          "%s is the only image of the class %s, expected two or more to test on a share of them"
              .formatted(tree.located(files.get(0)), name));
    }
    int count = (int) Math.max(1, Math.min(n - 1, Math.round(share * n)));
    List<String> byDigest =
        files.stream().sorted(Comparator.comparing(file -> digest(name, file))).toList();
    Set<String> chosen = Set.copyOf(byDigest.subList(0, count));
    kept.add(files.stream().filter(file -> !chosen.contains(file)).toList());
    taken.add(files.stream().filter(chosen::contains).toList());
  }

  /** Of the class and the file's own name, so that it is the same in a folder and in an archive. */
  private static String digest(String name, String file) {
    try {
      String own = name + "/" + file.substring(file.lastIndexOf('/') + 1);
      byte[] bytes = own.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)) + file;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Names of the classes, in the order of the labels. */
  List<String> classes() {
    return classes;
  }

  /** Training images, in order. */
  List<LabelledFile> train() {
    return train;
  }

  /** Test images, in order. */
  List<LabelledFile> test() {
    return test;
  }
}
