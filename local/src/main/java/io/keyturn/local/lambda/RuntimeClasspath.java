package io.keyturn.local.lambda;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
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

  private static final String NATIVE_CLIENT =
      "com/amazonaws/services/lambda/runtime/api/client/runtimeapi/NativeClient.class";

  private RuntimeClasspath() {}

  /**
   * Puts the class path together.
   *
   * @param folder takes the few classes of the local stack that have to be on it
   * @param withoutNativeCode whether to replace the client's native HTTP client by one in Java
   */
  static String create(Path folder, boolean withoutNativeCode) {
    copyClass(EnvironmentMain.class.getName().replace('.', '/') + ".class", folder);
    if (withoutNativeCode) {
      // It has the name of the client's own class, and comes before it.
      copyClass(NATIVE_CLIENT, folder);
    }
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
      try (InputStream in = ownResource(name).openStream()) {
        Files.copy(in, copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(name + " could not be copied to " + folder, e);
    }
  }

  /** Keyturn's resource of this name, where a library may have one too. */
  private static URL ownResource(String name) throws IOException {
    // A jar's resources begin with jar:file:/..., a folder's with file:/...
    String own =
        RuntimeClasspath.class.getProtectionDomain().getCodeSource().getLocation().toString();
    return Collections.list(RuntimeClasspath.class.getClassLoader().getResources(name)).stream()
        .filter(url -> url.toString().startsWith(own) || url.toString().startsWith("jar:" + own))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException(name + " is missing from " + own + "; build it anew"));
  }
}
