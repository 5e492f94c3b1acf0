package org.agr4j.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A stream that gives up where nothing comes for too long: Java's HTTP client waits for the bytes
 * of an answer without end. For reads into arrays only.
 */
final class ImpatientStream extends FilterInputStream {
  private final Duration longest;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "download");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Reads from another stream.
   *
   * @param in the other; it is closed with this one
   * @param longest how long a read may take
   */
  ImpatientStream(InputStream in, Duration longest) {
    super(in);
    this.longest = longest;
  }

  @Override
  public int read() {
    throw new UnsupportedOperationException("byte by byte");
  }

  @Override
  public int read(byte[] target, int at, int count) throws IOException {
    Future<Integer> read = reader.submit(() -> in.read(target, at, count));
    try {
      return read.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      read.cancel(true);
      throw new IOException("no byte came for " + longest.toSeconds() + " seconds", e);
    } catch (InterruptedException e) {
      read.cancel(true);
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() throws IOException {
    reader.shutdownNow();
    in.close();
  }
}
