package io.keyturn.local.packaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A Java runtime that has only the modules that the functions use. */
final class RuntimeImage {
  /** The runtime interface client loads it by name. */
  private static final String NAMED_ONLY = "jdk.unsupported";

  /** No function uses the Java Beans of Jackson and pgjdbc. */
  private static final String NEVER_RUN = "java.desktop";

  private final Path folder;

  private RuntimeImage(Path folder) {
    this.folder = folder;
  }

  static RuntimeImage create(Jdk jdk, List<FunctionPackage> packages, Path folder) {
    List<String> jdeps =
        new ArrayList<>(
            List.of("--multi-release", "base", "--ignore-missing-deps", "--print-module-deps"));
    packages.stream().flatMap(made -> made.jars().stream()).map(Path::toString).forEach(jdeps::add);
    String uses = Tool.run(folder.getParent(), jdk.tool("jdeps"), jdeps);
    TreeSet<String> modules = new TreeSet<>(Arrays.asList(uses.strip().split(",")));
    modules.add(NAMED_ONLY);
    modules.remove(NEVER_RUN);
    Tool.run(
        folder.getParent(),
        jdk.tool("jlink"),
        List.of(
            "--add-modules",
            String.join(",", modules),
            "--strip-debug",
            "--no-man-pages",
            "--no-header-files",
            // So that nothing has to be decompressed at startup.
            "--compress=zip-0",
            "--vm=server",
            "--output",
            folder.toString()));
    // The archive for a start without the function's AOT cache.
    Tool.run(folder, folder.resolve("bin/java"), List.of("-Xshare:dump", "-XX:+UseSerialGC"));
    return new RuntimeImage(folder);
  }

  void copyTo(Path target) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            target.resolve(folder.relativize(file).toString()),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The runtime could not be copied to " + target, e);
    }
  }
}
