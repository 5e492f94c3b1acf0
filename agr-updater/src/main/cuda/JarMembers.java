import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Takes single files out of a jar on a web server without downloading the rest of it: {@code java
 * JarMembers.java URL FOLDER NAME...}. A jar's directory stands at its end, so that three ranges a
 * file are enough.
 */
final class JarMembers {
  private static final int END_RECORD = 0x06054b50;
  private static final int LONGEST_END = 65_557;

  private final HttpClient http =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
  private final URI jar;

  private JarMembers(URI jar) {
    this.jar = jar;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    JarMembers members = new JarMembers(URI.create(args[0]));
    Path folder = Files.createDirectories(Path.of(args[1]));
    members.extract(folder, Arrays.copyOfRange(args, 2, args.length));
  }

  private void extract(Path folder, String... names) throws IOException, InterruptedException {
    ByteBuffer directory = directory();
    for (String name : names) {
      long[] member = find(directory, name);
      ByteBuffer header = read(member[0], 30);
      long data = member[0] + 30 + (header.getShort(26) & 0xffff) + (header.getShort(28) & 0xffff);
      byte[] bytes = read(data, member[1]).array();
      InputStream in = new ByteArrayInputStream(bytes);
      if (header.getShort(8) != 0) {
        in = new InflaterInputStream(in, new Inflater(true));
      }
      Path part = folder.resolve(name + ".part");
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private ByteBuffer directory() throws IOException, InterruptedException {
    ByteBuffer end = ByteBuffer.wrap(get("bytes=-" + LONGEST_END)).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = end.capacity() - 22; at >= 0; at--) {
      if (end.getInt(at) == END_RECORD) {
        return read(end.getInt(at + 16) & 0xffffffffL, end.getInt(at + 12) & 0xffffffffL);
      }
    }
    throw new IOException(jar + " is no jar: it has no directory at its end");
  }

  /** Offset and compressed size of the member with that last name. */
  private long[] find(ByteBuffer directory, String name) throws IOException {
    for (int at = 0; at + 46 <= directory.capacity(); ) {
      int length = directory.getShort(at + 28) & 0xffff;
      String path = new String(directory.array(), at + 46, length, StandardCharsets.UTF_8);
      if (path.endsWith("/" + name)) {
        return new long[] {
          directory.getInt(at + 42) & 0xffffffffL, directory.getInt(at + 20) & 0xffffffffL
        };
      }
      at +=
          46
              + length
              + (directory.getShort(at + 30) & 0xffff)
              + (directory.getShort(at + 32) & 0xffff);
    }
    throw new IOException(jar + " holds no " + name);
  }

  private ByteBuffer read(long from, long length) throws IOException, InterruptedException {
    byte[] bytes = get("bytes=" + from + "-" + (from + length - 1));
    if (bytes.length != length) {
      throw new IOException(jar + " gave " + bytes.length + " bytes, expected " + length);
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] get(String range) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(jar).header("Range", range).build();
    HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() != 206) {
        throw new IOException(
            jar + " answered " + response.statusCode() + ", expected 206: parts of a file");
      }
      return body.readAllBytes();
    }
  }
}
