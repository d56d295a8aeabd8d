package io.keyturn.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeLibraryTest {
  @ParameterizedTest
  @CsvSource({
    "amd64, false, /jni/libaws-lambda-jni.linux-x86_64.so",
    "aarch64, false, /jni/libaws-lambda-jni.linux-aarch_64.so",
    "amd64, true, /jni/libaws-lambda-jni.linux_musl-x86_64.so",
    "aarch64, true, /jni/libaws-lambda-jni.linux_musl-aarch_64.so",
  })
  void theClientHasALibraryForEveryKindOfLinux(String arch, boolean musl, String resource) {
    assertThat(NativeLibrary.resource("Linux", arch, musl)).contains(resource);
    assertThat(AWSLambda.class.getResource(resource)).isNotNull();
  }

  @Test
  void elsewhereThereIsNone() {
    assertThat(NativeLibrary.resource("Mac OS X", "aarch64", false)).isEmpty();
    assertThat(NativeLibrary.resource("Linux", "riscv64", false)).isEmpty();
  }
}
