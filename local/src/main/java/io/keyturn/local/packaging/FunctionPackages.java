package io.keyturn.local.packaging;

import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.LocalStackBuilder;
import io.keyturn.local.support.LocalTls;
import io.keyturn.local.support.RunFolder;
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
   * @param javaHome of the JDK whose runtime the packages contain
   * @param out folder for the packages
   * @throws io.keyturn.local.support.StackException if the JDK does not suit
   */
  public FunctionPackages(Path javaHome, Path out, Consumer<String> progress) {
    this.jdk = Jdk.at(javaHome);
    this.out = out.toAbsolutePath().normalize();
    this.progress = progress;
  }

  /** The architecture that the packages run on, by Lambda's name. */
  public String architecture() {
    return jdk.architecture();
  }

  /**
   * Makes the packages.
   *
   * @param template whose functions are jars
   * @param stack how to run a template's functions
   * @return the template to deploy
   */
  public Path make(Path template, Function<Path, LocalStackBuilder> stack)
      throws InterruptedException {
    List<FunctionPackage> packages = new ArrayList<>();
    Map<String, String> folders = new LinkedHashMap<>();
    Map<String, String> zips = new LinkedHashMap<>();
    for (TemplateFunction function : SamTemplate.read(template).functions()) {
      Path jar = function.definition().jar();
      String codeUri = template.toAbsolutePath().normalize().getParent().relativize(jar).toString();
      String name = jar.getFileName().toString().replace(".jar", "") + "-" + jdk.architecture();
      folders.put(codeUri, name);
      zips.put(codeUri, name + ".zip");
      packages.add(FunctionPackage.create(jdk, jar, emptied(out.resolve(name))));
    }
    try (RunFolder files = RunFolder.create()) {
      progress.accept("Trimming JDK " + jdk.version() + " for " + jdk.architecture());
      RuntimeImage runtime = RuntimeImage.create(jdk, packages, files.path().resolve("jre"));
      for (FunctionPackage made : packages) {
        runtime.copyTo(made.runtime());
      }
      progress.accept("Training both with rotations and queries, over TLS");
      Path trained = PackagedTemplate.write(template, folders, jdk.architecture(), out);
      train(packages, stack.apply(trained), files.path());
    }

    Path packaged = PackagedTemplate.write(template, zips, jdk.architecture(), out);
    for (FunctionPackage made : packages) {
      Path zip = out.resolve(made.folder().getFileName() + ".zip");
      PackageZip.write(made.folder(), zip);
      progress.accept(described(zip, made.folder()));
    }
    return packaged;
  }

  private void train(List<FunctionPackage> packages, LocalStackBuilder stack, Path files)
      throws InterruptedException {
    LocalTls tls =
        LocalTls.create(
            files, arguments -> Tool.run(files, jdk.tool("keytool"), arguments), jdk.cacerts());
    try (LocalStack running =
        stack.tls(tls).environment("JAVA_TOOL_OPTIONS", AotTraining.toolOptions(tls)).start()) {
      new AotTraining(packages).run(running);
    }
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
