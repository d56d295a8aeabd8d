package io.keyturn.local.packaging;

import io.keyturn.local.LocalStack;
import io.keyturn.local.LocalStackBuilder;
import io.keyturn.local.RunFolder;
import io.keyturn.local.template.SamTemplate;
import io.keyturn.local.template.TemplateFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Makes the packages of a template's functions, and the template that deploys them. */
public final class FunctionPackages {
  private final Jdk jdk;
  private final Path out;
  private final Consumer<String> progress;

  /**
   * @param javaHome of the JDK whose runtime they get
   * @param out the folder to make them in
   * @throws io.keyturn.local.StackException if the JDK does not suit
   */
  public FunctionPackages(Path javaHome, Path out, Consumer<String> progress) {
    this.jdk = Jdk.at(javaHome);
    this.out = out.toAbsolutePath().normalize();
    this.progress = progress;
  }

  /**
   * Makes them.
   *
   * @param template whose functions are jars
   * @param stack how to run a template's functions
   * @return the template to deploy
   */
  public Path make(Path template, Function<Path, LocalStackBuilder> stack)
      throws InterruptedException {
    Path packaged = out.resolve("template.yaml");
    Map<String, String> folders = new LinkedHashMap<>();
    Map<String, String> zips = new LinkedHashMap<>();
    List<FunctionPackage> packages = new ArrayList<>();
    progress.accept("Putting together JDK " + jdk.version() + " for " + jdk.architecture());
    for (TemplateFunction function : SamTemplate.read(template).functions()) {
      Path jar = function.definition().jar();
      String codeUri = template.toAbsolutePath().normalize().getParent().relativize(jar).toString();
      String name = jar.getFileName().toString().replace(".jar", "") + "-" + jdk.architecture();
      folders.put(codeUri, name);
      zips.put(codeUri, name + ".zip");
      packages.add(FunctionPackage.create(jdk, jar, emptied(out.resolve(name))));
    }

    PackagedTemplate.write(template, folders, jdk.architecture(), packaged);
    progress.accept("Training: rotations and queries of the local stack");
    try (LocalStack running =
        stack.apply(packaged).environment("JAVA_TOOL_OPTIONS", AotTraining.toolOptions()).start()) {
      new AotTraining(packages).run(running);
    }

    PackagedTemplate.write(template, zips, jdk.architecture(), packaged);
    for (FunctionPackage made : packages) {
      Path zip = out.resolve(made.folder().getFileName() + ".zip");
      PackageZip.write(made.folder(), zip);
      progress.accept(described(zip, made.folder()));
    }
    return packaged;
  }

  private static Path emptied(Path folder) {
    try {
      if (Files.exists(folder)) {
        RunFolder.delete(folder);
      }
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " could not be emptied", e);
    }
  }

  private static String described(Path zip, Path folder) {
    try {
      return "%s: %.1f MB, unzipped %.1f MB of 262"
          .formatted(zip, Files.size(zip) / 1e6, size(folder) / 1e6);
    } catch (IOException e) {
      throw new UncheckedIOException(zip + " could not be read", e);
    }
  }

  private static long size(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
