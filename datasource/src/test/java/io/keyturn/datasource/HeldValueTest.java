package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.keyturn.local.secretsmanager.api.Faults;
import io.keyturn.testing.TestSecretsManager;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** How long a value stays in use that Secrets Manager does not give any more. */
class HeldValueTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final TestSecretsManager service = new TestSecretsManager();
  private final String arn = service.createSecret("key-1");
  private final AtomicLong passed = new AtomicLong();
  private final RotatingSecret secret =
      new RotatingSecret(
          SecretReader.with(arn, slowClient()), () -> System.nanoTime() + passed.get());

  /** Each call waits for it. */
  private volatile CountDownLatch answer = new CountDownLatch(0);

  private final AtomicInteger waiting = new AtomicInteger();

  private SecretsManagerClient slowClient() {
    return (SecretsManagerClient)
        Proxy.newProxyInstance(
            SecretsManagerClient.class.getClassLoader(),
            new Class<?>[] {SecretsManagerClient.class},
            (proxy, method, arguments) -> {
              waiting.incrementAndGet();
              answer.await();
              waiting.decrementAndGet();
              try {
                return method.invoke(service.client(), arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @AfterEach
  void close() {
    secret.close();
    service.close();
  }

  private void pass(Duration time) {
    passed.addAndGet(time.toNanos());
  }

  private long reads() {
    return service.service().requests().count("GetSecretValue");
  }

  private static String accept(SecretVersion version) {
    return version.text();
  }

  private String use() {
    return secret.use(HeldValueTest::accept, e -> false);
  }

  static Stream<Consumer<TestSecretsManager>> ends() {
    return Stream.of(
        service ->
            service
                .client()
                .deleteSecret(
                    r -> r.secretId(onlySecret(service)).forceDeleteWithoutRecovery(true)),
        service ->
            service
                .client()
                .deleteSecret(r -> r.secretId(onlySecret(service)).recoveryWindowInDays(7L)),
        service -> service.service().faults().deny("GetSecretValue", "AWSCURRENT"));
  }

  private static String onlySecret(TestSecretsManager service) {
    return service.client().listSecrets().secretList().get(0).arn();
  }

  @ParameterizedTest
  @MethodSource("ends")
  void endsAtItsNextReadingIfTheServiceRefusesIt(Consumer<TestSecretsManager> end) {
    assertThat(secret.current().text()).isEqualTo("key-1");
    assertThat(use()).isEqualTo("key-1");
    end.accept(service);
    assertThat(use()).as("within the hour").isEqualTo("key-1");

    pass(HOUR);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(this::use).isInstanceOf(SecretUnreadableException.class);
      assertThatThrownBy(secret::current)
          .isInstanceOf(SecretUnreadableException.class)
          .hasMessageContainingAll("AWSCURRENT", arn);
    }
  }

  @Test
  void endsWithItsLabel() {
    service.put(arn, "key-2");
    assertThat(secret.version("AWSPREVIOUS").text()).isEqualTo("key-1");
    String previous =
        service
            .client()
            .getSecretValue(r -> r.secretId(arn).versionStage("AWSPREVIOUS"))
            .versionId();
    service
        .client()
        .updateSecretVersionStage(
            r -> r.secretId(arn).versionStage("AWSPREVIOUS").removeFromVersionId(previous));
    pass(HOUR);

    assertThatThrownBy(() -> secret.version("AWSPREVIOUS"))
        .isInstanceOf(SecretUnreadableException.class)
        .hasMessageContainingAll("AWSPREVIOUS", arn);
    assertThat(secret.current().text()).isEqualTo("key-2");
  }

  static Stream<Consumer<Faults>> outages() {
    return Stream.of(
        faults -> faults.throttle("GetSecretValue", 1000),
        faults -> faults.failInternally("GetSecretValue", 1000),
        faults -> faults.dropConnection("GetSecretValue", 1000));
  }

  @ParameterizedTest
  @MethodSource("outages")
  void outlivesAnOutageForADay(Consumer<Faults> outage) {
    assertThat(use()).isEqualTo("key-1");
    service.put(arn, "key-2");
    outage.accept(service.service().faults());
    pass(HOUR);

    assertThat(use()).isEqualTo("key-1");
    assertThat(secret.current().text()).isEqualTo("key-1");
    long asked = reads();
    assertThat(use()).isEqualTo("key-1");
    assertThat(reads()).as("is asked again a minute later").isEqualTo(asked);

    pass(Duration.ofMinutes(1));
    assertThat(use()).isEqualTo("key-1");
    assertThat(reads()).isGreaterThan(asked);

    pass(Duration.ofHours(23));
    assertThatThrownBy(this::use).isInstanceOf(SecretUnreadableException.class);

    service.service().faults().clear();
    assertThat(use()).isEqualTo("key-2");
  }

  @Test
  void isUsedByOthersWhileOneReadsItAgain() throws Exception {
    assertThat(use()).isEqualTo("key-1");
    service.put(arn, "key-2");
    pass(HOUR);
    answer = new CountDownLatch(1);
    long asked = reads();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<String> reader = thread.submit(this::use);
      await().until(() -> waiting.get() == 1);

      assertThat(use()).isEqualTo("key-1");
      answer.countDown();
      assertThat(reader.get()).isEqualTo("key-2");
      assertThat(use()).isEqualTo("key-2");
      assertThat(reads()).isEqualTo(asked + 1);
    } finally {
      thread.shutdownNow();
    }
  }

  private static final class Refused extends RuntimeException {}

  @Test
  void isUsedByOthersWhileOneThatWasRefusedLooksForAnother() throws Exception {
    assertThat(use()).isEqualTo("key-1");
    service.put(arn, "key-2");
    answer = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<String> refused =
          thread.submit(
              () ->
                  secret.use(
                      version -> {
                        if (version.text().equals("key-1")) {
                          throw new Refused();
                        }
                        return version.text();
                      },
                      Refused.class::isInstance));
      await().until(() -> waiting.get() == 1);

      assertThat(use()).isEqualTo("key-1");
      answer.countDown();
      assertThat(refused.get()).isEqualTo("key-2");
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void cannotBeUsedOnceTheSecretIsClosed() {
    assertThat(use()).isEqualTo("key-1");
    secret.close();

    assertThatThrownBy(this::use)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(arn);
    assertThatThrownBy(secret::current).isInstanceOf(IllegalStateException.class);
  }
}
