package io.keyturn.local.lambda;

import io.keyturn.local.lambda.handlers.Echo;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A function's package with the handlers of these tests, as a build would make it. */
final class FunctionJar {
  private FunctionJar() {}

  static Path create(Path folder) throws IOException, URISyntaxException {
    Path classes = Path.of(Echo.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Path> handlers;
    try (Stream<Path> files =
        Files.list(classes.resolve(Echo.class.getPackageName().replace('.', '/')))) {
      handlers = files.filter(file -> file.toString().endsWith(".class")).sorted().toList();
    }
    Path jar = folder.resolve("function.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path handler : handlers) {
        out.putNextEntry(new JarEntry(classes.relativize(handler).toString().replace('\\', '/')));
        Files.copy(handler, out);
        out.closeEntry();
      }
    }
    return jar;
  }

  /** A function of this handler, with the time for a slow machine's cold start. */
  static FunctionDefinition function(Path jar, Class<?> handler) {
    String name = handler.getSimpleName().toLowerCase(java.util.Locale.ROOT);
    String method = handler == Echo.class ? "handleRequest" : "handle";
    return new FunctionDefinition(
        name,
        FunctionDefinition.localArn(name),
        jar,
        handler.getName() + "::" + method,
        Map.of(),
        Duration.ofSeconds(20),
        256);
  }
}
