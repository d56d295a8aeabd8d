package io.keyturn.local.packaging;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Java runtime with no more modules than a function's classes use. */
final class RuntimeImage {
  /** The runtime interface client asks for it by name. */
  private static final String NAMED_ONLY = "jdk.unsupported";

  /**
   * Jackson, for Java Beans, and pgjdbc, for listeners, have code for it that functions never run.
   */
  private static final String NEVER_RUN = "java.desktop";

  private RuntimeImage() {}

  /**
   * Makes the runtime.
   *
   * @param image the folder to make it in
   */
  static void create(Jdk jdk, List<Path> jars, Path image) {
    TreeSet<String> modules = new TreeSet<>(List.of(NAMED_ONLY));
    for (Path jar : jars) {
      String uses =
          Tool.run(
              jar.getParent(),
              jdk.tool("jdeps"),
              List.of(
                  "--multi-release",
                  "base",
                  "--ignore-missing-deps",
                  "--print-module-deps",
                  jar.toString()));
      modules.addAll(Arrays.asList(uses.strip().split(",")));
    }
    modules.remove(NEVER_RUN);
    Tool.run(
        image.getParent(),
        jdk.tool("jlink"),
        Stream.of(
                "--add-modules",
                modules.stream().collect(Collectors.joining(",")),
                "--strip-debug",
                "--no-man-pages",
                "--no-header-files",
                // Mapped as it is, nothing has to be inflated at a start.
                "--compress=zip-0",
                "--vm=server",
                "--output",
                image.toString())
            .toList());
  }
}
