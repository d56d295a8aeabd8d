package io.keyturn.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A call that a function made in its module's tests, as {@code io.keyturn.testing.ServiceCalls}
 * writes it.
 *
 * @param resource {@code rotated} or {@code admin} for a secret, else {@code none}
 */
record ServiceCall(String action, String resource, Optional<String> label) {
  /** What the tests of a function's module recorded; nothing if they did not all run. */
  static Optional<Set<ServiceCall>> recorded(Path module) {
    Path folder = module.resolve("target/service-calls");
    // Further executions may be skipped.
    if (!Files.exists(folder.resolve("default-test.txt"))) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      Set<String> lines = new TreeSet<>();
      for (Path file : files.toList()) {
        lines.addAll(Files.readAllLines(file));
      }
      return Optional.of(
          lines.stream()
              .filter(line -> !line.startsWith("#"))
              .map(ServiceCall::parse)
              .collect(Collectors.toSet()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServiceCall parse(String line) {
    List<String> words = List.of(line.split(" "));
    return new ServiceCall(words.get(1), words.get(2), words.stream().skip(3).findFirst());
  }

  boolean isOnAdminsSecret() {
    return resource.equals("admin");
  }

  boolean isOf(String service) {
    return action.startsWith(service + ":");
  }
}
