package org.agr4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agr4j.input.BadInputException;

/**
 * A {@link FileTree} in a folder of this machine. Links in it are followed: they are its owner's,
 * as where a split was made of links to one set of files.
 */
final class FolderTree implements FileTree {
  private final Path root;

  FolderTree(Path root) {
    this.root = root;
  }

  @Override
  public List<String> children(String folder) {
    Path path = root.resolve(folder);
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (var entries = Files.list(path)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> !EntryName.isLitter(name))
          .toList();
    } catch (IOException e) {
      throw new BadInputException("%s cannot be read: %s".formatted(path, e), e);
    }
  }

  @Override
  public boolean has(String file) {
    return Files.isRegularFile(root.resolve(file));
  }

  @Override
  public byte[] read(String file) {
    try (InputStream in = Files.newInputStream(root.resolve(file))) {
      byte[] content = in.readNBytes(MOST_FILE_BYTES + 1);
      if (content.length > MOST_FILE_BYTES) {
        throw new BadInputException(
            "%s has more than %,d bytes, expected an image or list"
                .formatted(located(file), MOST_FILE_BYTES));
      }
      return content;
    } catch (IOException e) {
      throw new BadInputException("%s cannot be read: %s".formatted(located(file), e), e);
    }
  }

  @Override
  public String located(String name) {
    return root.resolve(name).toString();
  }

  @Override
  public void close() {
    // Each file is closed once it is read.
  }
}
