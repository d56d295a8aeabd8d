package io.keyturn.local.lambda;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import software.amazon.awssdk.utilslite.SdkInternalThreadLocal;

/**
 * The class path of the functions' processes: Lambda's runtime interface client and its libraries.
 * The libraries of the local stack are not on it, so a function that lacks one fails here as it
 * would in Lambda.
 */
public final class RuntimeClasspath {
  /** What Lambda's runtimes for Java run. */
  public static final String MAIN = AWSLambda.class.getName();

  /** A class of each library that the runtime interface client consists of or uses. */
  private static final List<Class<?>> LIBRARIES =
      List.of(
          AWSLambda.class, LambdaLogger.class, PojoSerializer.class, SdkInternalThreadLocal.class);

  private RuntimeClasspath() {}

  /**
   * Puts the class path together.
   *
   * @param folder takes the one class of the local stack that has to be on it
   */
  static String create(Path folder) {
    copyClass(EnvironmentMain.class.getName().replace('.', '/') + ".class", folder);
    List<Path> parts = new ArrayList<>(List.of(folder));
    parts.addAll(libraries());
    return parts.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** The jars of the runtime interface client. */
  public static List<Path> libraries() {
    return LIBRARIES.stream().map(RuntimeClasspath::location).distinct().toList();
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(type + " was loaded from a place that is no file", e);
    }
  }

  private static void copyClass(String name, Path folder) {
    Path copy = folder.resolve(name);
    try {
      Files.createDirectories(copy.getParent());
      try (InputStream in = RuntimeClasspath.class.getResourceAsStream("/" + name)) {
        Files.copy(in, copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(name + " could not be copied to " + folder, e);
    }
  }
}
