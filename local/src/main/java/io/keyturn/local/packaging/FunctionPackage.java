package io.keyturn.local.packaging;

import io.keyturn.local.lambda.NativeLibrary;
import io.keyturn.local.lambda.RuntimeClasspath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The folder of a function for Lambda's {@code provided.al2023}: {@code bootstrap}, the jars, the
 * Java runtime and the AOT cache.
 */
final class FunctionPackage {
  /** Not "lib": the runtime interface client would put its jars on another class path. */
  private static final String JARS = "app";

  private static final String RUNTIME = "jre";

  private final Path folder;
  private final List<Path> jars;
  private final Path cache;

  private FunctionPackage(Path folder, List<Path> jars) throws IOException {
    this.folder = folder;
    this.jars = jars;
    // JDK 25 accepts a cache of other jars, and then runs their classes. So the name depends on the
    // jars.
    cache = folder.resolve(digest(jars) + ".aot");
  }

  /** Creates the package without the runtime and the cache. */
  static FunctionPackage create(Jdk jdk, Path jar, Path folder) {
    try {
      Path jars = Files.createDirectories(folder.resolve(JARS));
      List<Path> copies = new ArrayList<>(List.of(copy(jar, jars)));
      for (Path library : RuntimeClasspath.libraries()) {
        copies.add(copy(library, jars));
      }
      Path library = NativeLibrary.unpack(jdk.architecture(), folder);
      FunctionPackage made = new FunctionPackage(folder, copies);
      made.writeBootstrap(library);
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException("The package could not be created in " + folder, e);
    }
  }

  Path folder() {
    return folder;
  }

  List<Path> jars() {
    return jars;
  }

  Path runtime() {
    return folder.resolve(RUNTIME);
  }

  Path bootstrap() {
    return folder.resolve("bootstrap");
  }

  Path cache() {
    return cache;
  }

  private static String digest(List<Path> jars) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path jar : jars) {
        digest.update(Files.readAllBytes(jar));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path copy(Path jar, Path folder) throws IOException {
    Path copy = Files.copy(jar, folder.resolve(jar.getFileName()));
    // The cache is for jars of this time.
    Files.setLastModifiedTime(copy, PackageZip.TIME);
    return copy;
  }

  private void writeBootstrap(Path library) throws IOException {
    String classpath =
        jars.stream()
            .map(jar -> "$here/" + folder.relativize(jar))
            .collect(Collectors.joining(":"));
    try (InputStream in = FunctionPackage.class.getResourceAsStream("bootstrap")) {
      String script =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .replace("@CACHE@", cache.getFileName().toString())
              .replace("@JARS@", JARS)
              .replace("@RUNTIME@", RUNTIME)
              .replace("@PROPERTY@", NativeLibrary.PROPERTY)
              .replace("@LIBRARY@", library.getFileName().toString())
              .replace("@CLASSPATH@", classpath)
              .replace("@MAIN@", RuntimeClasspath.MAIN);
      Path file = Files.writeString(bootstrap(), script);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
