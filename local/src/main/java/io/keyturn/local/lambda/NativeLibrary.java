package io.keyturn.local.lambda;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The native library of Lambda's runtime interface client.
 *
 * <p>By default each process writes it to the same file, /tmp/.libaws-lambda-jni.so, and leaves it
 * there. Processes that start at the same time would overwrite it for each other.
 */
public final class NativeLibrary {
  /** The client's system property for a library that is already there. */
  public static final String PROPERTY =
      "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

  private NativeLibrary() {}

  /**
   * Unpacks the library for this machine.
   *
   * @throws StackException if the client has none for it
   */
  static Path unpack(Path folder) {
    String os = System.getProperty("os.name");
    String arch = System.getProperty("os.arch");
    return resource(os, arch, usesMusl())
        .map(resource -> copy(resource, folder))
        .orElseThrow(
            () ->
                new StackException(
                    "Lambda's runtime interface client runs on Linux on x86-64 and arm64, not on %s on %s; run the local stack in a Linux container"
                        .formatted(os, arch)));
  }

  /**
   * Unpacks the library for Lambda's own machines.
   *
   * @param architecture as Lambda calls it
   */
  public static Path unpack(String architecture, Path folder) {
    return resource("Linux", architecture, false)
        .map(resource -> copy(resource, folder))
        .orElseThrow(
            () -> new IllegalArgumentException("Lambda has no architecture " + architecture));
  }

  static Optional<String> resource(String os, String arch, boolean musl) {
    if (!os.equals("Linux")) {
      return Optional.empty();
    }
    String platform = musl ? "linux_musl" : "linux";
    return switch (arch) {
      case "amd64", "x86_64" -> Optional.of("/jni/libaws-lambda-jni." + platform + "-x86_64.so");
      case "aarch64", "arm64" -> Optional.of("/jni/libaws-lambda-jni." + platform + "-aarch_64.so");
      default -> Optional.empty();
    };
  }

  /** Whether this JVM, and so a function's, was built for musl: both C libraries may be there. */
  private static boolean usesMusl() {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.isReadable(maps)) {
      return false;
    }
    try {
      return new String(Files.readAllBytes(maps), StandardCharsets.ISO_8859_1)
          .contains("/ld-musl-");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The C library of this process could not be read from %s".formatted(maps), e);
    }
  }

  private static Path copy(String resource, Path folder) {
    Path copy = folder.resolve("libaws-lambda-jni.so");
    try (InputStream in = AWSLambda.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            "aws-lambda-java-runtime-interface-client has no " + resource + " in its jar");
      }
      Files.copy(in, copy);
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " could not be unpacked to " + copy, e);
    }
  }
}
