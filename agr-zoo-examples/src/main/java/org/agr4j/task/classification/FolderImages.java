package org.agr4j.task.classification;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import org.agr4j.data.FolderForm;
import org.agr4j.data.ImageFolderReader;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.Standardization;

/**
 * Reads a user's images once, though two ask for them: the settings, which keep the mean and the
 * deviation that are measured on them, and then the task.
 */
final class FolderImages {
  /** What the images' pixels depend on. */
  private record Key(Path place, FolderForm form, int train, int test) {}

  private static Key lastKey;
  private static SoftReference<ImageSplits> last = new SoftReference<>(null);

  private FolderImages() {}

  /** The images of a folder or archive, standardised as the form says or as was measured. */
  static synchronized ImageSplits read(
      Path place, FolderForm form, int train, int test, LongConsumer progress) {
    FolderForm unmeasured =
        new FolderForm(form.side(), form.fit(), form.testShare(), List.of(), List.of());
    Key key = new Key(place, unmeasured, train, test);
    ImageSplits images = key.equals(lastKey) ? last.get() : null;
    if (images == null) {
      images = ImageFolderReader.read(place, unmeasured, train, test, progress);
      lastKey = key;
      last = new SoftReference<>(images);
    }
    if (form.mean().isEmpty()) {
      return images;
    }
    Standardization given =
        new Standardization(
            form.mean().stream().mapToDouble(Double::doubleValue).toArray(),
            form.deviation().stream().mapToDouble(Double::doubleValue).toArray());
    return new ImageSplits(images.train(), images.test(), given, images.classNames());
  }
}
