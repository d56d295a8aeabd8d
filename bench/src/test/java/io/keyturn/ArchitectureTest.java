package io.keyturn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The order of modules and packages. This module comes after all others that have main classes. */
class ArchitectureTest {
  /** The packages of each module from the ground up. A package uses only those before it. */
  private static final List<List<String>> ALTITUDES =
      List.of(
          List.of("postgres", "aws"),
          List.of("rotator.invocation", "rotator.check", "rotator.role", "rotator.rds", "rotator"),
          List.of("datasource"),
          List.of("consumer"),
          List.of(
              "local.support",
              "local.permissions",
              "local.postgres",
              "local.secretsmanager.request",
              "local.secretsmanager.schedule",
              "local.secretsmanager.store",
              "local.secretsmanager.rotation",
              "local.secretsmanager.api",
              "local.secretsmanager",
              "local.lambda",
              "local.template",
              "local.stack",
              "local.rehearsal",
              "local.check",
              "local.packaging",
              "local.cli"),
          List.of(
              "bench.measure",
              "bench.results",
              "bench.rotation",
              "bench.query",
              "bench.jmh",
              "bench.cli"));

  private static JavaClasses classes;

  @BeforeAll
  static void importClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(location -> !location.contains("jmh_generated"))
            .importPaths(
                Stream.of("core", "rotator", "datasource", "consumer", "local", "bench")
                    .map(module -> Path.of("..", module, "target", "classes"))
                    .toList());
  }

  @Test
  void noPackagesFormACycle() {
    slices().matching("io.keyturn.(**)").should().beFreeOfCycles().check(classes);
  }

  /** Nested ones count as part of the class that they are in. */
  @Test
  void noClassesFormACycleButWhereTheyAreOneThought() {
    slices()
        .assignedFrom(topLevelClasses())
        .should()
        .beFreeOfCycles()
        // A template nests others.
        .ignoreDependency(
            name("local.template.NestedTemplates"), name("local.template.SamTemplate"))
        // A rotation leaves the list of those that run.
        .ignoreDependency(
            name("local.secretsmanager.rotation.Rotation"),
            name("local.secretsmanager.rotation.Rotations"))
        .ignoreDependency(name("local.stack.LocalStack"), name("local.stack.LocalStackBuilder"))
        .check(classes);
  }

  private static SliceAssignment topLevelClasses() {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        return SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""));
      }

      @Override
      public String getDescription() {
        return "top-level classes";
      }
    };
  }

  static List<List<String>> altitudes() {
    return ALTITUDES;
  }

  @ParameterizedTest
  @MethodSource("altitudes")
  void noPackageUsesOneAboveIt(List<String> packages) {
    for (int i = 0; i + 1 < packages.size(); i++) {
      noClasses()
          .that()
          .resideInAPackage(name(packages.get(i)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              packages.subList(i + 1, packages.size()).stream()
                  .map(ArchitectureTest::name)
                  .toArray(String[]::new))
          .check(classes);
    }
  }

  @Test
  void everyPackageHasItsPlace() {
    assertThat(classes.stream().map(JavaClass::getPackageName).distinct())
        .containsExactlyInAnyOrderElementsOf(
            ALTITUDES.stream().flatMap(List::stream).map(ArchitectureTest::name).toList());
  }

  @Test
  void whatIsDeployedKnowsNothingOfWhatRunsItHere() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.keyturn.local..", "io.keyturn.bench..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.keyturn.local..", "io.keyturn.testing..", "io.keyturn.bench..")
        .check(classes);
  }

  @Test
  void theFunctionsDoNotKnowEachOther() {
    noClasses()
        .that()
        .resideInAnyPackage("io.keyturn.postgres", "io.keyturn.aws", "io.keyturn.rotator..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.keyturn.consumer", "io.keyturn.datasource")
        .check(classes);
    noClasses()
        .that()
        .resideInAnyPackage("io.keyturn.consumer", "io.keyturn.datasource", "io.keyturn.local..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.keyturn.rotator..")
        .check(classes);
  }

  private static String name(String inKeyturn) {
    return "io.keyturn." + inKeyturn;
  }
}
