package io.keyturn.local.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JdkTest {
  private static final String RELEASE =
      """
      JAVA_VERSION="25.0.3"
      LIBC="gnu"
      OS_ARCH="x86_64"
      OS_NAME="Linux"
      """;

  @TempDir Path home;

  @BeforeEach
  void makeJdk() throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib/server"));
    Path jlink = Files.writeString(home.resolve("bin/jlink"), "");
    Files.setPosixFilePermissions(jlink, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(home.resolve("lib/server/libjvm.so"), "\u007fELF GLIBC_2.9 GLIBC_2.34 ");
    Files.writeString(home.resolve("lib/libjava.so"), "\u007fELF");
    Files.writeString(home.resolve("release"), RELEASE);
  }

  @ParameterizedTest
  @CsvSource({"x86_64, x86_64", "aarch64, arm64"})
  void itsArchitectureIsNamedAsLambdaDoes(String ofJdk, String ofLambda) throws IOException {
    Files.writeString(home.resolve("release"), RELEASE.replace("x86_64", ofJdk));

    assertThat(Jdk.at(home).architecture()).isEqualTo(ofLambda);
    assertThat(Jdk.at(home).version()).isEqualTo("25.0.3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          25.0.3 | 24.0.2  | is a JDK 24.0.2; name a JDK 25 or later with --java-home
          25.0.3 | 1.8.0   | is a JDK 1.8.0;
          gnu    | musl    | is not a JDK for Linux with glibc
          Linux  | Darwin  | is not a JDK for Linux with glibc
          x86_64 | riscv64 | no machines of architecture riscv64
          """)
  void oneThatLambdaCannotRunIsRefused(String text, String other, String reason)
      throws IOException {
    Files.writeString(home.resolve("release"), RELEASE.replace(text, other));

    assertThatThrownBy(() -> Jdk.at(home))
        .isInstanceOf(StackException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void oneThatNeedsANewerCLibraryThanLambdaHasIsRefused() throws IOException {
    Files.writeString(home.resolve("lib/server/libjvm.so"), "GLIBC_2.2.5 GLIBC_2.38 ");

    assertThatThrownBy(() -> Jdk.at(home))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("needs glibc 2.38, but Lambda has 2.34");
  }

  @Test
  void aFolderWithoutAJdkIsRefused() throws IOException {
    Files.delete(home.resolve("bin/jlink"));

    assertThatThrownBy(() -> Jdk.at(home))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("There is no JDK at " + home);
  }
}
