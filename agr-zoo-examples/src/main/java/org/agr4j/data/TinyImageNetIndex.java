package org.agr4j.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agr4j.data.image.ImageDecoder;
import org.agr4j.input.BadInputException;

/**
 * Which image of Tiny-ImageNet has which label, and their order.
 *
 * <p>Line i of {@code wnids.txt} names class i. Training images lie in a folder of their class. The
 * validation images lie in one folder and are sorted into classes by {@code val_annotations.txt},
 * as in the paper's appendix; they are the test images, since the official ones have no labels.
 *
 * <p>Classes take turns: the first image of each class in the order of {@code wnids.txt}, then the
 * second of each, and so on, by number within a class. So a cut after n images has ⌊n/classes⌋ or
 * one more of each class. A class that has run out is passed over.
 */
final class TinyImageNetIndex {
  private static final Pattern WNID = Pattern.compile("n\\d{8}");

  private final FileTree tree;
  private final String root;
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<String> wnids = new ArrayList<>();
  private final List<LabelledFile> train;
  private final List<LabelledFile> test;

  /**
   * Lists the images.
   *
   * @param tree the archive or folder, or one that has it in a folder, whatever that is called
   * @throws BadInputException if a list or a folder is missing, they contradict each other, or a
   *     class has no images
   */
  TinyImageNetIndex(FileTree tree) {
    this.tree = tree;
    this.root = root(tree);
    readClasses();
    train = LabelledFile.inTurns(trainImages());
    test = LabelledFile.inTurns(testImages());
  }

  private static String root(FileTree tree) {
    OfficialArchive official = OfficialArchive.TINY_IMAGENET;
    for (String root : new String[] {"", official.folder() + "/"}) {
      if (tree.has(root + official.landmark())) {
        return root;
      }
    }
    List<String> wrapped =
        tree.children("").stream()
            .flatMap(top -> Stream.of(top + "/", top + "/" + official.folder() + "/"))
            .filter(root -> tree.has(root + official.landmark()))
            .sorted()
            .toList();
    if (wrapped.size() > 1) {
      throw new BadInputException(
          "%s and %s are both there, expected one Tiny-ImageNet"
              .formatted(tree.located(wrapped.get(0)), tree.located(wrapped.get(1))));
    }
    if (wrapped.size() == 1) {
      return wrapped.get(0);
    }
    throw new BadInputException(
        "%s is missing: this is not Tiny-ImageNet, expected the layout of %s"
            .formatted(
                tree.located(official.folder() + "/" + official.landmark()), official.fileName()));
  }

  private void readClasses() {
    String file = root + "wnids.txt";
    for (String line : lines(file)) {
      String wnid = line.strip();
      if (!WNID.matcher(wnid).matches()) {
        throw new BadInputException(
            "%s: line %d is '%s', expected n and eight digits"
                .formatted(tree.located(file), wnids.size() + 1, wnid));
      }
      if (labels.putIfAbsent(wnid, wnids.size()) != null) {
        throw new BadInputException("%s names %s twice".formatted(tree.located(file), wnid));
      }
      wnids.add(wnid);
    }
    int most = DatasetChoice.TINY_IMAGENET.classes();
    if (wnids.isEmpty() || wnids.size() > most) {
      throw new BadInputException(
          "%s names %d classes, expected 1 to %d"
              .formatted(tree.located(file), wnids.size(), most));
    }
  }

  private List<String> lines(String file) {
    if (!tree.has(file)) {
      throw new BadInputException(
          "%s is missing, expected as in %s"
              .formatted(tree.located(file), OfficialArchive.TINY_IMAGENET.fileName()));
    }
    return TextLines.of(tree.read(file));
  }

  /** The images of each class. */
  private List<List<String>> trainImages() {
    Set<String> folders = new TreeSet<>(tree.children(root + "train"));
    folders.removeIf(name -> !WNID.matcher(name).matches());
    for (String folder : folders) {
      if (!labels.containsKey(folder)) {
        throw new BadInputException(
            "%s is a class that wnids.txt does not name, expected its %d classes, found %d folders"
                .formatted(tree.located(root + "train/" + folder), wnids.size(), folders.size()));
      }
    }
    List<List<String>> images = new ArrayList<>();
    for (String wnid : wnids) {
      if (!folders.contains(wnid)) {
        throw new BadInputException(
            "%s is missing, a class of wnids.txt: expected its %d classes, found %d folders"
                .formatted(tree.located(root + "train/" + wnid), wnids.size(), folders.size()));
      }
      images.add(images(root + "train/" + wnid + "/images"));
    }
    return images;
  }

  /** The full names of the images in a folder, by number. */
  private List<String> images(String folder) {
    List<String> images =
        tree.children(folder).stream()
            .filter(name -> ImageDecoder.hasImageName(name))
            .sorted(LabelledFile.BY_NUMBER)
            .map(name -> folder + "/" + name)
            .toList();
    if (images.isEmpty()) {
      throw new BadInputException(
          "%s has no images, expected files such as x_0.JPEG".formatted(tree.located(folder)));
    }
    return images;
  }

  /** The validation images of each class. */
  private List<List<String>> testImages() {
    String annotations = root + "val/val_annotations.txt";
    String folder = root + "val/images";
    Map<String, Integer> labelled = labelled(annotations, folder);
    List<List<String>> images = new ArrayList<>();
    wnids.forEach(wnid -> images.add(new ArrayList<>()));
    for (String image : images(folder)) {
      Integer label = labelled.remove(image);
      if (label == null) {
        throw new BadInputException(
            "%s has no line in val_annotations.txt, expected its class"
                .formatted(tree.located(image)));
      }
      images.get(label).add(image);
    }
    if (!labelled.isEmpty()) {
      throw new BadInputException(
          "%s is missing, which val_annotations.txt names"
              .formatted(tree.located(new TreeSet<>(labelled.keySet()).first())));
    }
    for (int label = 0; label < images.size(); label++) {
      if (images.get(label).isEmpty()) {
        throw new BadInputException(
            "%s has no image of %s, a class of wnids.txt"
                .formatted(tree.located(annotations), wnids.get(label)));
      }
    }
    return images;
  }

  /** The label of each validation image: a line has its name, its class, and a box around it. */
  private Map<String, Integer> labelled(String annotations, String folder) {
    Map<String, Integer> labelled = new HashMap<>();
    int number = 0;
    for (String line : lines(annotations)) {
      number++;
      String[] columns = line.split("\t");
      if (columns.length < 2) {
        throw new BadInputException(
            "%s: line %d is '%s', expected an image and its class between tabs"
                .formatted(tree.located(annotations), number, line));
      }
      Integer label = labels.get(columns[1]);
      if (label == null) {
        throw new BadInputException(
            "%s: line %d has the class '%s', expected one of the %d in wnids.txt"
                .formatted(tree.located(annotations), number, columns[1], wnids.size()));
      }
      if (labelled.put(folder + "/" + columns[0], label) != null) {
        throw new BadInputException(
            "%s: line %d names %s again, expected each image once"
                .formatted(tree.located(annotations), number, columns[0]));
      }
    }
    return labelled;
  }

  /** Number of classes. */
  int classes() {
    return wnids.size();
  }

  /** What the classes are called: words of {@code words.txt} where it has them, else the wnids. */
  List<String> classNames() {
    String file = root + "words.txt";
    if (!tree.has(file)) {
      return List.copyOf(wnids);
    }
    Map<String, String> words = new HashMap<>();
    for (String line : TextLines.of(tree.read(file))) {
      int tab = line.indexOf('\t');
      if (tab > 0) {
        words.put(line.substring(0, tab), line.substring(tab + 1).strip());
      }
    }
    return wnids.stream().map(wnid -> words.getOrDefault(wnid, wnid)).toList();
  }

  /** Training images, in order. */
  List<LabelledFile> train() {
    return train;
  }

  /** Validation images, in order. */
  List<LabelledFile> test() {
    return test;
  }
}
