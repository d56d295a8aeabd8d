package io.keyturn.bench.rotation;

import io.keyturn.bench.measure.BenchException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Another rotation function that is measured for comparison.
 *
 * @param name in tables
 * @param command that starts it
 * @param folder where it starts
 */
public record Peer(String name, List<String> command, Path folder) {
  private static final Pattern NAMED =
      Pattern.compile("([A-Za-z0-9_.-]{1,40})=(.*)", Pattern.DOTALL);

  /**
   * Reads {@code COMMAND} or {@code NAME=COMMAND}; a command may also be a folder with a bootstrap,
   * as a custom runtime is packaged, which starts there.
   */
  public static Peer parse(String text, int number) {
    Matcher named = NAMED.matcher(text);
    boolean isNamed = named.matches();
    String name = isNamed ? named.group(1) : "peer" + (number == 1 ? "" : number);
    String command = isNamed ? named.group(2) : text;
    Path bootstrap = bootstrap(command);
    return bootstrap != null
        ? new Peer(name, List.of(bootstrap.toString()), bootstrap.getParent())
        : new Peer(name, List.of("/bin/sh", "-c", command), Path.of("").toAbsolutePath());
  }

  private static Path bootstrap(String command) {
    if (command.isEmpty() || command.indexOf('\0') >= 0) {
      throw new BenchException("--peer needs a command, or NAME=COMMAND");
    }
    Path file = Path.of(command).resolve("bootstrap").toAbsolutePath().normalize();
    return Files.isExecutable(file) ? file : null;
  }
}
