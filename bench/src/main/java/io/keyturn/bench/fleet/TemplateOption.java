package io.keyturn.bench.fleet;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the template. */
final class TemplateOption {
  @Option(
      names = "--template",
      paramLabel = "FILE",
      description = "The SAM template (default: sam/template.yaml of this checkout).")
  private Path template;

  Path path() {
    if (template != null) {
      return template;
    }
    Path here = Path.of("sam/template.yaml");
    return Files.isRegularFile(here) ? here : besideThisJar();
  }

  /** The jar is bench/target/bench.jar of the checkout. */
  private static Path besideThisJar() {
    try {
      Path jar =
          Path.of(TemplateOption.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return jar.resolveSibling("../../sam/template.yaml").normalize();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(
          "The location of this jar is unknown; name the template with --template", e);
    }
  }
}
