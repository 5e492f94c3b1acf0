package org.agr4j.cli;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.agr4j.input.BadInputException;
import picocli.CommandLine.Option;

/** The option that says on which address of this machine a command's web page listens. */
public final class UiAddressOption {
  private static final String NAME = "--ui-address";

  @Option(
      names = NAME,
      paramLabel = "ADDRESS",
      description =
          "Address of this machine on which the page listens, 0.0.0.0 for all. The page has no "
              + "password. Default 127.0.0.1, which only this machine reaches.")
  private String given;

  /** Whether a user has named an address. */
  public boolean isGiven() {
    return given != null;
  }

  /**
   * The address to listen on.
   *
   * @throws BadInputException if the one given is not of this machine
   */
  public InetAddress address() {
    return given == null ? InetAddress.getLoopbackAddress() : ofThisMachine(NAME, given);
  }

  /**
   * An address of this machine, or the one that stands for all of them.
   *
   * @param option that names it
   * @param text name or address
   * @throws BadInputException if it is none of this machine's
   */
  public static InetAddress ofThisMachine(String option, String text) {
    InetAddress found;
    try {
      found = InetAddress.getByName(text);
      if (text.isBlank()
          || !found.isAnyLocalAddress() && NetworkInterface.getByInetAddress(found) == null) {
        throw new UnknownHostException();
      }
    } catch (UnknownHostException | SocketException e) {
      throw new BadInputException(
          option + " is " + text + ", expected an address of this machine, such as 127.0.0.1", e);
    }
    return found;
  }
}
