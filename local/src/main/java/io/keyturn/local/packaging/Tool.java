package io.keyturn.local.packaging;

import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a command of a JDK. */
public final class Tool {
  private Tool() {}

  /**
   * Returns what the command prints.
   *
   * @throws StackException if it fails, with its output
   */
  public static String run(Path folder, Path command, List<String> arguments) {
    return run(folder, command, arguments, Map.of());
  }

  static String run(
      Path folder, Path command, List<String> arguments, Map<String, String> environment) {
    List<String> line = new ArrayList<>(List.of(command.toAbsolutePath().toString()));
    line.addAll(arguments);
    try {
      ProcessBuilder builder =
          new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true);
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new StackException(
            String.join(" ", line) + " ended with " + status + ":\n" + output.strip());
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(command + " could not be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + command + " ran", e);
    }
  }
}
