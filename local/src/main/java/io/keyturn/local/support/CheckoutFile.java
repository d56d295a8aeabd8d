package io.keyturn.local.support;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds files of this checkout, such as {@code sam/template.yaml}. */
public final class CheckoutFile {
  private CheckoutFile() {}

  /**
   * Looks in the current folder, and in the checkout to which a jar in {@code MODULE/target}
   * belongs.
   *
   * @param file its path in the checkout
   * @param caller a class in that jar
   */
  public static Optional<Path> find(String file, Class<?> caller) {
    return Stream.of(Path.of(file), besideJar(file, caller))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static Path besideJar(String file, Class<?> caller) {
    try {
      return Path.of(caller.getProtectionDomain().getCodeSource().getLocation().toURI())
          .resolveSibling(Path.of("..", "..").resolve(file))
          .normalize();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("%s was not loaded from a file".formatted(caller), e);
    }
  }
}
