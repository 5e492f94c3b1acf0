package org.agr4j.spark;

import io.aeron.CommonContext;
import java.io.File;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.IoUtil;

/**
 * Where Aeron, which carries DL4J's updates, keeps its buffers: some 70 MB of shared memory for
 * each Java machine, in folders {@code agr4j-aeron-USER-PROCESS-NUMBER}. They go when the Java
 * machine ends; what a killed one leaves is removed by the next of ours on that machine.
 */
final class AeronDirectory {
  private static final File BASE =
      new File(CommonContext.AERON_DIR_PROP_DEFAULT).getAbsoluteFile().getParentFile();
  private static final String PREFIX =
      "agr4j-aeron-" + System.getProperty("user.name", "default") + "-";
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private AeronDirectory() {}

  /** From now on Aeron uses a new folder, without what was left of earlier ones. */
  static void useNew() {
    removeLeftOvers();
    System.setProperty("aeron.dir.delete.on.shutdown", "true");
    System.setProperty(
        CommonContext.AERON_DIR_PROP_NAME,
        new File(BASE, PREFIX + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet())
            .getPath());
  }

  /** Removes the folders of Java machines that are no more. */
  static void removeLeftOvers() {
    Pattern ours = Pattern.compile(Pattern.quote(PREFIX) + "(\\d+)-\\d+");
    File[] folders = BASE.listFiles();
    for (File folder : folders == null ? new File[0] : folders) {
      Matcher name = ours.matcher(folder.getName());
      if (name.matches()
          && ProcessHandle.of(Long.parseLong(name.group(1)))
              .filter(ProcessHandle::isAlive)
              .isEmpty()) {
        IoUtil.delete(folder, true);
      }
    }
  }
}
