package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.testing.InMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The packages that {@code keyturn package} makes rotate and query from their AOT caches wherever
 * they are unzipped, and without a cache where it does not fit.
 *
 * <p>Only where there is a JDK 25, which {@code JAVA_HOME_25} names unless it runs the tests. Left
 * in {@code sam/target/aot}, for the check of the template.
 */
@ResourceLock(value = "the PostgreSQL of the tests", mode = ResourceAccessMode.READ)
@Tag("slow")
class AotPackageIT {
  private static final List<String> TEMPLATES =
      List.of("template.yaml", "rotator.yaml", "secret.yaml", "query.yaml");
  private static final Path MADE = Path.of("../sam/target/aot");
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Classes that only a function's own cache holds, not the one of the JDK. */
  private static final String OF_FUNCTIONS =
      ".*(io\\.keyturn|software\\.amazon|org\\.postgresql)\\..*";

  private static final String FROM_CACHE = "source: shared objects file";

  @TempDir(factory = InMemory.class)
  private static Path build;

  @TempDir(factory = InMemory.class)
  private Path folder;

  @BeforeAll
  static void makePackages() throws Exception {
    Optional<Path> jdk = jdk25();
    assumeTrue(
        jdk.isPresent(), "No packages are made: JAVA_HOME_25 does not name a JDK 25 for Linux");
    try (KeyturnProcess command =
        KeyturnProcess.start(
            build,
            Files.createDirectory(build.resolve("tmp")),
            "package",
            "--java-home",
            jdk.get().toString(),
            "--out",
            MADE.toString())) {
      assertThat(command.awaitEnd(PATIENCE))
          .as("exit code: %s%s", command.out(), command.err())
          .isZero();
      assertThat(command.out())
          .contains("sam deploy --template-file " + MADE.toAbsolutePath().normalize());
      KeyturnProcess.assertNothingLeft(build.resolve("tmp"));
    }
  }

  @Test
  void theyStartFromTheirCachesWhereverTheyAreUnzipped() throws Exception {
    // Its CodeUri are the zip files, which the local Lambda unzips into a folder of the run.
    List<String> loaded = rotateAndQuery(MADE.resolve("template.yaml"));

    List<String> ofFunctions = loaded.stream().filter(line -> line.matches(OF_FUNCTIONS)).toList();
    List<String> fromJars =
        ofFunctions.stream().filter(line -> !line.contains(FROM_CACHE)).toList();
    System.out.printf(
        "AOT packages: %d classes loaded, %d of them not from a cache; of functions and libraries %d and %d%n",
        loaded.size(),
        loaded.stream().filter(line -> !line.contains(FROM_CACHE)).count(),
        ofFunctions.size(),
        fromJars.size());
    assertThat(ofFunctions).hasSizeGreaterThan(1000);
    assertThat(fromJars.size()).as("%s", fromJars).isLessThan(ofFunctions.size() / 50);
  }

  @ParameterizedTest
  @EnumSource
  void theyStartWithoutACacheThatDoesNotFit(Damage damage) throws Exception {
    List<Path> packages;
    try (Stream<Path> made = Files.list(MADE)) {
      packages = made.filter(Files::isDirectory).toList();
    }
    assertThat(packages).hasSize(2);
    for (String template : TEMPLATES) {
      Files.copy(MADE.resolve(template), folder.resolve(template));
    }
    for (Path original : packages) {
      Path copy = folder.resolve(original.getFileName());
      copy(original, copy);
      Path other = packages.get(1 - packages.indexOf(original));
      damage.doTo(copy, other);
      for (String template : TEMPLATES) {
        Path file = folder.resolve(template);
        Files.writeString(
            file, Files.readString(file).replace(copy.getFileName() + ".zip", copy.toString()));
      }
    }

    List<String> loaded = rotateAndQuery(folder.resolve("template.yaml"));

    List<String> ofFunctions = loaded.stream().filter(line -> line.matches(OF_FUNCTIONS)).toList();
    assertThat(ofFunctions).hasSizeGreaterThan(1000);
    assertThat(ofFunctions)
        .as("classes from a cache that does not fit")
        .noneMatch(line -> line.contains(FROM_CACHE));
  }

  /** What may be wrong with a cache, or what it was made of. */
  enum Damage {
    MISSING {
      @Override
      void doTo(Path made, Path other) throws IOException {
        Files.delete(cache(made));
      }
    },
    EMPTY {
      @Override
      void doTo(Path made, Path other) throws IOException {
        truncate(cache(made), 0);
      }
    },
    CUT_OFF {
      @Override
      void doTo(Path made, Path other) throws IOException {
        truncate(cache(made), Files.size(cache(made)) / 2);
      }
    },
    OVERWRITTEN_AT_THE_BEGINNING {
      @Override
      void doTo(Path made, Path other) throws IOException {
        overwrite(cache(made), 16);
      }
    },
    OVERWRITTEN_IN_THE_MIDDLE {
      @Override
      void doTo(Path made, Path other) throws IOException {
        overwrite(cache(made), Files.size(cache(made)) / 2);
      }
    },
    OF_THE_OTHER_FUNCTION {
      @Override
      void doTo(Path made, Path other) throws IOException {
        Files.delete(cache(made));
        Path wrong = cache(other);
        Files.copy(wrong, made.resolve(wrong.getFileName()));
      }
    },
    OF_AN_OLDER_JAR {
      @Override
      void doTo(Path made, Path other) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(functionJar(made))) {
          Files.writeString(zip.getPath("added.txt"), "Another build has this file.");
        }
      }
    };

    abstract void doTo(Path made, Path other) throws IOException;

    private static Path cache(Path made) throws IOException {
      try (Stream<Path> files = Files.list(made)) {
        return files.filter(file -> file.toString().endsWith(".aot")).findAny().orElseThrow();
      }
    }

    private static void truncate(Path file, long size) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(size);
      }
    }

    private static void overwrite(Path file, long position) throws IOException {
      byte[] text = "overwritten".repeat(100).getBytes(StandardCharsets.US_ASCII);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(text), position);
      }
    }

    private static Path functionJar(Path made) {
      String name = made.getFileName().toString();
      return made.resolve("app").resolve(name.substring(0, name.indexOf('-')) + ".jar");
    }
  }

  /** Lets both functions work, and returns what the JVMs say of each class that they load. */
  private List<String> rotateAndQuery(Path template) throws Exception {
    Path log = Files.createDirectory(folder.resolve("log"));
    List<String> logged = new CopyOnWriteArrayList<>();
    CompletableFuture<RotationReport> ended = new CompletableFuture<>();
    try (LocalStack stack =
        LocalStack.builder(template)
            .postgres(SharedServer.get())
            .logs((function, environment, line) -> logged.add(line))
            .environment("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + log + "/%p.txt")
            .start()) {
      SecretLogins logins = new SecretLogins(stack);
      stack.secretsManager().addRotationListener(RotationListener.ofEnds(ended::complete));
      String version = UUID.randomUUID().toString();
      stack.rotate(version);
      RotationReport report = ended.get(2, TimeUnit.MINUTES);
      assertThat(report.succeeded()).as("%s", report).isTrue();
      assertThat(report.attempts()).as("attempts of %s", report).isEqualTo(1);
      assertThat(logins.problemsAfterRotationTo(version)).isEmpty();

      InvocationResult answer =
          stack.lambda().invokeSync(stack.queryFunction(), "{\"sql\":\"SELECT 1\"}");
      assertThat(answer.error()).isEmpty();
      assertThat(answer.payloadText()).contains("\"longValue\":1");
    }
    assertThat(logged)
        .as("what the JVM says of the cache")
        .noneMatch(line -> line.matches(".*\\[(aot|cds)\\W.*"));
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.list(log)) {
      for (Path file : files.toList()) {
        text.append(Files.readString(file));
      }
    }
    return text.toString().lines().filter(line -> line.contains("source: ")).toList();
  }

  private static Optional<Path> jdk25() {
    return Optional.ofNullable(System.getenv("JAVA_HOME_25"))
        .or(
            () ->
                Optional.of(System.getProperty("java.home"))
                    .filter(home -> Runtime.version().feature() >= 25))
        .map(Path::of)
        .filter(home -> Files.isExecutable(home.resolve("bin/jlink")));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(
            file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
