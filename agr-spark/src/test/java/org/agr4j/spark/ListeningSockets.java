package org.agr4j.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Where processes listen, as Linux lists it: TCP sockets that listen, UDP sockets that receive. */
final class ListeningSockets {
  private static final Path PROC = Path.of("/proc");

  private ListeningSockets() {}

  /** Whether this system can be asked. */
  static boolean canBeListed() {
    return Files.isReadable(PROC.resolve("net/tcp"));
  }

  /** Lines such as {@code tcp 127.0.0.1:4040} of processes that run now. */
  static Set<String> of(Stream<ProcessHandle> processes) {
    Set<String> inodes = new HashSet<>();
    processes.forEach(process -> addInodes(process, inodes));
    Set<String> found = new TreeSet<>();
    for (String protocol : List.of("tcp", "tcp6", "udp", "udp6")) {
      String listens = protocol.startsWith("tcp") ? "0A" : "07";
      for (String line : lines(PROC.resolve("net").resolve(protocol))) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 9 && fields[3].equals(listens) && inodes.contains(fields[9])) {
          InetSocketAddress address = address(fields[1]);
          found.add(
              protocol.substring(0, 3)
                  + " "
                  + address.getAddress().getHostAddress()
                  + ":"
                  + address.getPort());
        }
      }
    }
    return found;
  }

  /** Those of them that other machines could reach. */
  static Set<String> beyondLoopback(Set<String> sockets) {
    Set<String> reachable = new TreeSet<>(sockets);
    reachable.removeIf(socket -> socket.matches("\\w+ (127\\.[0-9.]*|0:0:0:0:0:0:0:1):\\d+"));
    return reachable;
  }

  private static void addInodes(ProcessHandle process, Set<String> inodes) {
    try (Stream<Path> files = Files.list(PROC.resolve(process.pid() + "/fd"))) {
      for (Path file : files.toList()) {
        try {
          String target = Files.readSymbolicLink(file).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        } catch (IOException e) {
          // closed in the meantime
        }
      }
    } catch (IOException e) {
      // ended in the meantime
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // a machine without IPv6
    }
  }

  /** From hexadecimal digits, in which each four bytes are in the order of a PC's processor. */
  private static InetSocketAddress address(String text) {
    String hex = text.substring(0, text.indexOf(':'));
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      int at = 2 * (4 * (i / 4) + 3 - i % 4);
      bytes[i] = (byte) Integer.parseInt(hex.substring(at, at + 2), 16);
    }
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(bytes),
          Integer.parseInt(text.substring(text.indexOf(':') + 1), 16));
    } catch (IOException e) {
      throw new IllegalStateException(text, e);
    }
  }
}
