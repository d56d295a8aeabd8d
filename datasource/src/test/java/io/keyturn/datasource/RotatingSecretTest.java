package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.keyturn.postgres.Deadline;
import io.keyturn.testing.TestSecretsManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An API key that is rotated, and a partner that knows one key at a time. */
class RotatingSecretTest {
  private final TestSecretsManager service = new TestSecretsManager();
  private final String arn = service.createSecret("key-1");
  private final RotatingSecret secret = RotatingSecret.of(arn, service.client());

  /** The one key that the partner takes. */
  private volatile String valid = "key-1";

  @AfterEach
  void close() {
    secret.close();
    service.close();
  }

  private static final class Unauthorized extends Exception {
    Unauthorized(String key) {
      super("401 for a key that ends with " + key.charAt(key.length() - 1));
    }
  }

  private String pay(SecretVersion key) throws Unauthorized {
    if (!key.text().equals(valid)) {
      throw new Unauthorized(key.text());
    }
    return "paid";
  }

  private String pay() throws Unauthorized {
    return secret.use(this::pay, Unauthorized.class::isInstance);
  }

  private String payWithin(Duration time) throws Unauthorized {
    return secret.use(this::pay, Unauthorized.class::isInstance, Deadline.in(time));
  }

  /** Stages the next key; the version's id. */
  private String putPending(String key) {
    String token = service.startRotation(arn);
    service.putPending(arn, token, key);
    return token;
  }

  private long reads() {
    return service.service().requests().count("GetSecretValue");
  }

  @Test
  void readsTheCurrentValueOnce() throws Exception {
    assertThat(secret.current().text()).isEqualTo("key-1");
    assertThat(secret.current().text()).isEqualTo("key-1");
    assertThat(pay()).isEqualTo("paid");

    assertThat(reads()).isLessThanOrEqualTo(2);
  }

  @Test
  void readsAnyStagingLabel() {
    service.put(arn, "key-2");

    assertThat(secret.version("AWSPREVIOUS").text()).isEqualTo("key-1");
    assertThat(secret.version("AWSCURRENT").text()).isEqualTo("key-2");
    assertThatThrownBy(() -> secret.version("NONE"))
        .isInstanceOf(SecretUnreadableException.class)
        .hasMessageContainingAll("NONE", arn);
  }

  @Test
  void findsTheNewValueAfterARotation() throws Exception {
    pay();
    service.put(arn, "key-2");
    valid = "key-2";

    assertThat(pay()).isEqualTo("paid");
    assertThat(secret.current().text()).isEqualTo("key-2");
  }

  @Test
  void findsTheValueAtEveryMomentOfARotation() throws Exception {
    pay();
    String token = putPending("key-2");
    assertThat(pay()).isEqualTo("paid");
    valid = "key-2";
    assertThat(pay()).isEqualTo("paid");
    service.makeCurrent(arn, token);
    assertThat(pay()).isEqualTo("paid");
  }

  @Test
  void findsTheValueOfARotationThatFinishesWhileItLooks() throws Exception {
    String token = putPending("key-2");
    pay();
    valid = "key-2";
    service.service().requests().clear();
    // AWSCURRENT is read at once, AWSPENDING only after the rotation has finished and removed it.
    service.service().faults().delay("GetSecretValue", 1, Duration.ZERO);
    service.service().faults().delay("GetSecretValue", 1, Duration.ofSeconds(1));

    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<String> payment = thread.submit(() -> pay());
      await().until(() -> reads() == 1);
      service.makeCurrent(arn, token);
      service
          .client()
          .updateSecretVersionStage(
              r -> r.secretId(arn).versionStage("AWSPENDING").removeFromVersionId(token));
      assertThat(payment.get()).isEqualTo("paid");
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void isAskedForOnceByManyThatAreRefusedAtOnce() throws Exception {
    pay();
    putPending("key-2");
    valid = "key-2";
    service.service().requests().clear();
    int threads = 16;
    CyclicBarrier allHaveTried = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<String>> payments = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        payments.add(
            pool.submit(
                () ->
                    secret.use(
                        key -> {
                          if (key.text().equals("key-1")) {
                            allHaveTried.await();
                          }
                          return pay(key);
                        },
                        Unauthorized.class::isInstance)));
      }
      for (Future<String> payment : payments) {
        assertThat(payment.get()).isEqualTo("paid");
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(reads()).isEqualTo(2);
  }

  @Test
  void failsWithTheRefusalWhenNoVersionIsTaken() {
    valid = "another";
    putPending("key-2");

    Unauthorized refusal = catchThrowableOfType(Unauthorized.class, this::pay);

    // AWSCURRENT, AWSPENDING, and AWSCURRENT once more.
    assertThat(refusal).hasMessageContaining("ends with 1");
    assertThat(refusal.getSuppressed()).hasSize(1);
    assertThat(refusal.getSuppressed()[0]).hasMessageContaining("ends with 2");
    assertThat(refusal.getSuppressed()[0].getSuppressed()).hasSize(1);
    // AWSCURRENT, AWSPENDING, AWSCURRENT in case that a rotation has finished meanwhile,
    // AWSPREVIOUS, and AWSCURRENT.
    assertThat(reads()).isEqualTo(5);
  }

  /** As of a replica that has not replayed the change of the password. */
  @Test
  void usesThePreviousValueWhereTheCurrentOneIsNotKnownYet() throws Exception {
    service.put(arn, "key-2");

    assertThat(pay()).isEqualTo("paid");

    valid = "key-2";
    assertThat(pay()).isEqualTo("paid");
  }

  @Test
  void triesAgainWhereThePreviousValueMayNotBeRead() throws Exception {
    service.put(arn, "key-2");
    service.service().faults().deny("GetSecretValue", "AWSPREVIOUS");
    // The first refusal is the last: what was behind is up to date when it is asked again.
    String paid =
        secret.use(
            key -> {
              try {
                return pay(key);
              } finally {
                valid = "key-2";
              }
            },
            Unauthorized.class::isInstance);

    assertThat(paid).isEqualTo("paid");
  }

  @Test
  void survivesASingleRefusalOfWhatIsRight() throws Exception {
    pay();
    int threads = 16;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<String>> payments = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        AtomicBoolean refused = new AtomicBoolean();
        payments.add(
            pool.submit(
                () ->
                    secret.use(
                        key -> {
                          if (refused.compareAndSet(false, true)) {
                            throw new Unauthorized(key.text());
                          }
                          return pay(key);
                        },
                        Unauthorized.class::isInstance)));
      }
      for (Future<String> payment : payments) {
        assertThat(payment.get()).isEqualTo("paid");
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void askesNobodyForAWhileAfterThat() throws Exception {
    valid = "another";
    assertThatThrownBy(this::pay).isInstanceOf(Unauthorized.class);
    service.service().requests().clear();

    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(this::pay)
          .isInstanceOf(RefusedLatelyException.class)
          .hasMessageContainingAll(arn, "401")
          .hasCauseInstanceOf(Unauthorized.class);
    }
    assertThat(reads()).isZero();

    valid = "key-1";
    await().ignoreExceptionsInstanceOf(RefusedLatelyException.class).until(() -> pay() != null);
  }

  @Test
  void waitsForTheCurrentVersionWhereThePendingOneMayNotBeRead() throws Exception {
    service.service().faults().deny("GetSecretValue", "AWSPENDING");
    pay();
    String token = putPending("key-2");
    valid = "key-2";
    service.service().requests().clear();

    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<String> payment = thread.submit(() -> pay());
      // AWSCURRENT, AWSPENDING, and AWSCURRENT again and again.
      await().until(() -> reads() > 4);
      service.makeCurrent(arn, token);
      assertThat(payment.get()).isEqualTo("paid");
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void waitsNoLongerThanItMay() {
    service.service().faults().deny("GetSecretValue", "AWSPENDING");
    valid = "another";

    Unauthorized refusal =
        catchThrowableOfType(Unauthorized.class, () -> payWithin(Duration.ofSeconds(1)));

    assertThat(refusal.getSuppressed())
        .anySatisfy(e -> assertThat(e).hasMessageContaining("secretsmanager:GetSecretValue"));
  }

  @Test
  void leavesFailuresThatAreNoRefusalsAlone() {
    assertThatThrownBy(
            () ->
                secret.use(
                    key -> {
                      throw new IllegalStateException("503");
                    },
                    Unauthorized.class::isInstance))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("503");
    assertThat(reads()).isEqualTo(1);
  }

  @Test
  void reportsThatTheServiceFailedWhenARefusedValueCouldNotBeReplaced() throws Exception {
    pay();
    valid = "another";
    service.client().deleteSecret(r -> r.secretId(arn).forceDeleteWithoutRecovery(true));

    Unauthorized refusal = catchThrowableOfType(Unauthorized.class, this::pay);

    assertThat(refusal.getSuppressed())
        .singleElement()
        .satisfies(second -> assertThat(second).isInstanceOf(SecretUnreadableException.class));
  }

  @Test
  void tellsWhenTheCurrentVersionWasCreatedEachTimeThatItIsRead() throws Exception {
    List<Instant> told = new ArrayList<>();
    secret.onCurrentRead(told::add);

    pay();
    pay();
    Instant first = created("AWSCURRENT");
    assertThat(told).containsExactly(first);
    assertThat(secret.current().created()).contains(first);

    putPending("key-2");
    valid = "key-2";
    pay();
    assertThat(told).containsExactly(first, first);

    service.put(arn, "key-3");
    valid = "key-3";
    pay();
    assertThat(secret.version("AWSPREVIOUS").created()).contains(first);
    assertThat(told).containsExactly(first, first, created("AWSCURRENT"));
  }

  private Instant created(String label) {
    return service.client().getSecretValue(r -> r.secretId(arn).versionStage(label)).createdDate();
  }

  @Test
  void showsNoValue() {
    assertThat(secret.current()).asString().contains(arn).doesNotContain("key-1");
  }
}
