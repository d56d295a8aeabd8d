package io.keyturn.local.packaging;

import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JDK from which a package gets its runtime. */
final class Jdk {
  /** The first version whose AOT caches work in another folder, and contain profiles. */
  private static final int OLDEST = 25;

  /** The version in Amazon Linux 2023, and so in Lambda's provided.al2023. */
  private static final int GLIBC_OF_LAMBDA = 34;

  private static final Pattern GLIBC = Pattern.compile("GLIBC_2\\.(\\d+)");

  private final Path home;
  private final String architecture;
  private final String version;

  private Jdk(Path home, String architecture, String version) {
    this.home = home;
    this.architecture = architecture;
    this.version = version;
  }

  /**
   * @throws StackException if its runtime could not run in Lambda
   */
  static Jdk at(Path home) {
    Path file = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/jlink")) || !Files.isRegularFile(file)) {
      throw new StackException(
          "There is no JDK at " + home + ": bin/jlink and release are expected");
    }
    Properties release = release(file);
    String version = value(release, "JAVA_VERSION");
    if (feature(version) < OLDEST) {
      throw new StackException(
          "%s is a JDK %s; name a JDK %d or later with --java-home"
              .formatted(home, version, OLDEST));
    }
    if (!value(release, "OS_NAME").equals("Linux") || value(release, "LIBC").equals("musl")) {
      throw new StackException(
          "%s is not a JDK for Linux with glibc, which Lambda needs; name one with --java-home"
              .formatted(home));
    }
    requireGlibcOfLambda(home);
    return new Jdk(home, architecture(value(release, "OS_ARCH")), version);
  }

  /** Returns Lambda's name of the architecture. */
  String architecture() {
    return architecture;
  }

  String version() {
    return version;
  }

  Path tool(String name) {
    return home.resolve("bin").resolve(name);
  }

  /** The certificate authorities that its runtimes trust. */
  Path cacerts() {
    return home.resolve("lib/security/cacerts");
  }

  private static String architecture(String name) {
    return switch (name) {
      case "x86_64", "amd64" -> "x86_64";
      case "aarch64" -> "arm64";
      default -> throw new StackException("Lambda has no machines of architecture " + name);
    };
  }

  /** A distribution builds its JDK for its own C library, which may be newer than Lambda's. */
  private static void requireGlibcOfLambda(Path home) {
    try {
      for (String library : new String[] {"lib/server/libjvm.so", "lib/libjava.so"}) {
        String bytes =
            new String(Files.readAllBytes(home.resolve(library)), StandardCharsets.ISO_8859_1);
        for (Matcher needed = GLIBC.matcher(bytes); needed.find(); ) {
          if (Integer.parseInt(needed.group(1)) > GLIBC_OF_LAMBDA) {
            throw new StackException(
                "%s needs glibc 2.%s, but Lambda has 2.%d; use a JDK that is built for older systems too, such as Temurin or Corretto"
                    .formatted(home, needed.group(1), GLIBC_OF_LAMBDA));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The libraries of the JDK at " + home + " cannot be read", e);
    }
  }

  private static int feature(String version) {
    Matcher number = Pattern.compile("\\d+").matcher(version);
    return number.find() ? Integer.parseInt(number.group()) : 0;
  }

  private static Properties release(Path file) {
    Properties release = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      release.load(in);
      return release;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  private static String value(Properties release, String key) {
    return release.getProperty(key, "").replace("\"", "");
  }
}
