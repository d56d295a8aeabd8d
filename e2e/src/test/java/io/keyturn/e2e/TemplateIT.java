package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.template.SamTemplate;
import io.keyturn.local.template.TemplateFunction;
import io.keyturn.local.template.TemplateSchedule;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The template and the jars that it deploys fit together; after package, which makes the jars. */
class TemplateIT {
  private static final SamTemplate TEMPLATE = SamTemplate.read(Path.of("../sam/template.yaml"));

  private static final Map<String, Path> BUILT =
      Map.of(
          "keyturn-rotator", Path.of("../rotator/target/rotator.jar"),
          "QueryFunction", Path.of("../consumer/target/consumer.jar"));

  static List<FunctionDefinition> functions() {
    return TEMPLATE.functions().stream().map(TemplateFunction::definition).toList();
  }

  @Test
  void theScheduleRotatesTheNestedSecretWithTheNestedRotator() {
    assertThat(TEMPLATE.rotationSchedules()).hasSize(1);
    TemplateSchedule schedule = TEMPLATE.rotationSchedules().get(0);
    assertThat(schedule.functionLogicalId()).contains("Rotator/RotationFunction");
    assertThat(schedule.secretLogicalId()).contains("Secret/DatabaseSecret");
    assertThat(schedule.functionArn()).endsWith(":function:keyturn-rotator");
    assertThat(schedule.scheduleExpression()).contains("rate(30 days)");
    assertThat(schedule.duration()).isEmpty();
    // The admin makes the user.
    assertThat(schedule.rotateImmediatelyOnUpdate()).isTrue();
    assertThat(TEMPLATE.functions().get(0).definition().environment())
        .containsEntry("CREATE_USER", "true");
  }

  @Test
  void anExistingSecretNeedsItsScheduleAlone() {
    String secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:shop/db-AbCdEf";
    SamTemplate template =
        SamTemplate.read(
            Path.of("../sam/secret.yaml"), Map.of("ExistingSecretArn", secret), Map.of());

    assertThat(template.secrets()).isEmpty();
    TemplateSchedule schedule = template.rotationSchedules().get(0);
    assertThat(schedule.secretId()).isEqualTo(secret);
    assertThat(schedule.functionArn())
        .isEqualTo("arn:aws:lambda:us-east-1:000000000000:function:keyturn-rotator");
  }

  @Test
  void theTemplateHasBothFunctionsAndNoOther() {
    assertThat(functions())
        .extracting(FunctionDefinition::name)
        .containsExactlyInAnyOrderElementsOf(BUILT.keySet());
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theCodeIsTheJarOfTheBuild(FunctionDefinition function) throws IOException {
    assertThat(function.jar().toRealPath()).isEqualTo(BUILT.get(function.name()).toRealPath());
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theHandlerIsAHandlerClassInTheJar(FunctionDefinition function) throws Exception {
    // Nothing but the jar and the JDK, as in Lambda, so the interface too must be in the jar.
    try (URLClassLoader lambda =
        new URLClassLoader(
            new URL[] {function.jar().toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      Class<?> handler = lambda.loadClass(function.handler());
      assertThat(Arrays.stream(handler.getInterfaces()).map(Class::getName))
          .containsAnyOf(
              "com.amazonaws.services.lambda.runtime.RequestStreamHandler",
              "com.amazonaws.services.lambda.runtime.RequestHandler");
      assertThat(handler.getConstructor()).isNotNull();
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theFunctionsCodeKnowsEachEnvironmentVariable(FunctionDefinition function)
      throws IOException {
    Set<String> texts = new HashSet<>();
    try (JarFile jar = new JarFile(function.jar().toFile())) {
      for (JarEntry entry : entries(jar)) {
        if (entry.getName().startsWith("io/keyturn/") && entry.getName().endsWith(".class")) {
          try (InputStream file = jar.getInputStream(entry)) {
            texts.addAll(constants(file));
          }
        }
      }
    }
    Set<String> names = new HashSet<>(function.environment().keySet());
    // What SamTemplate makes of LoggingConfig, for the runtime and not for the function's code.
    names.removeIf(name -> name.startsWith("AWS_LAMBDA_"));
    assertThat(names).isNotEmpty();
    assertThat(texts).containsAll(names);
  }

  @Test
  void theDashboardShowsTheMetricThatTheQueryFunctionWrites() throws IOException {
    FunctionDefinition query =
        functions().stream()
            .filter(function -> function.name().equals("QueryFunction"))
            .findFirst()
            .orElseThrow();

    // The dimension's value is SECRET_ID as it is; PackagedFunctionsIT has the whole line.
    assertThat(Files.readString(Path.of("../sam/query.yaml")))
        .contains("SECRET_ID: !Ref SecretArn")
        .contains(
            "[\"%s\", \"CredentialAge\", \"SecretId\", \"${SecretArn}\""
                .formatted(query.environment().get("METRIC_NAMESPACE")));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theJarHasNoTimeOfItsBuild(FunctionDefinition function) throws IOException {
    Matcher time =
        Pattern.compile("<project.build.outputTimestamp>(.*)</project.build.outputTimestamp>")
            .matcher(Files.readString(Path.of("../pom.xml")));
    assertThat(time.find()).isTrue();
    // A zip file's times have no zone; the build writes UTC.
    LocalDateTime fixed = LocalDateTime.ofInstant(Instant.parse(time.group(1)), ZoneOffset.UTC);
    try (JarFile jar = new JarFile(function.jar().toFile())) {
      assertThat(entries(jar)).allMatch(entry -> !entry.getTimeLocal().isAfter(fixed));
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theJarHoldsNothingThatIsNotUsed(FunctionDefinition function) throws IOException {
    try (JarFile jar = new JarFile(function.jar().toFile())) {
      assertThat(entries(jar))
          .extracting(JarEntry::getName)
          .noneMatch(name -> name.matches("org/apache/(http|hc)/.*"))
          .noneMatch(name -> name.startsWith("io/netty/"))
          .noneMatch(name -> name.startsWith("software/amazon/awssdk/crt/"))
          .noneMatch(name -> name.matches(".*\\.(so|dylib|jnilib|dll)"))
          .noneMatch(name -> name.matches("META-INF/.*\\.(SF|DSA|RSA|EC)"))
          .doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theJarsManifestLetsTheJvmSeeNewerClasses(FunctionDefinition function) throws IOException {
    try (JarFile jar = new JarFile(function.jar().toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Multi-Release")).isEqualTo("true");
    }
  }

  private static List<JarEntry> entries(JarFile jar) {
    return jar.stream().toList();
  }

  /** The texts in a class file's constant pool. */
  private static Set<String> constants(InputStream classFile) throws IOException {
    DataInputStream in = new DataInputStream(classFile);
    assertThat(in.readInt()).isEqualTo(0xCAFEBABE);
    in.skipNBytes(4);
    int count = in.readUnsignedShort();
    Set<String> texts = new HashSet<>();
    for (int i = 1; i < count; i++) {
      // Sizes by JVMS 4.4.
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> texts.add(in.readUTF());
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
        case 5, 6 -> {
          in.skipNBytes(8);
          // They take two places.
          i++;
        }
        case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
        case 15 -> in.skipNBytes(3);
        default -> throw new IOException("Unknown constant " + tag);
      }
    }
    return texts;
  }
}
