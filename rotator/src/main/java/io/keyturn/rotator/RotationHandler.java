package io.keyturn.rotator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.keyturn.aws.AwsCalls;
import io.keyturn.postgres.NameLookups;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.postgres.TlsPolicy;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationEvent;
import io.keyturn.rotator.rds.RdsClients;
import io.keyturn.rotator.role.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;

/**
 * The Lambda function that Secrets Manager calls for each step of a rotation. A schedule calls it
 * once a day to look for overdue rotations.
 */
public final class RotationHandler implements RequestStreamHandler {
  static {
    NameLookups.keepNone();
  }

  /** The "Check" of the event that the template's daily schedule sends; others name a secret. */
  private static final String OVERDUE = "overdue";

  private final SecretsManager secrets;
  private final CreateSecret createSecret;
  private final SetSecret setSecret;
  private final TestSecret testSecret;
  private final FinishSecret finishSecret;
  private final Optional<GeneratedValue> generated;
  private final SecretCheck secretCheck;
  private final OverdueSecrets overdueSecrets;
  private final Optional<String> metricNamespace;
  private final Consumer<String> lines;

  /** What this environment has last set; null if nothing. */
  private SetVersion set;

  /**
   * A version that setSecret has compared with AWSCURRENT.
   *
   * @param current the version that was AWSCURRENT; its value never changes
   */
  private record SetVersion(String version, Optional<String> current) {
    /** Instead of equals, which the JVM generates when it is first called, in a cold function. */
    boolean is(String otherVersion, Optional<String> otherCurrent) {
      return version.equals(otherVersion) && current.equals(otherCurrent);
    }
  }

  /** Called by Lambda. */
  public RotationHandler() {
    // Lambda leaves a line of standard output as it is; the logger would wrap it.
    this(System.getenv(), System.out::println);
  }

  /**
   * @param lines receives a line of JSON about each step
   */
  RotationHandler(Map<String, String> environment, Consumer<String> lines) {
    this(Settings.of(environment), lines);
  }

  private RotationHandler(Settings settings, Consumer<String> lines) {
    this.lines = lines;
    metricNamespace = settings.metricNamespace();
    SecretsManagerClient client = client(settings);
    secrets = new SecretsManager(client);
    PostgresLogin postgres =
        new PostgresLogin(
            "keyturn-rotator",
            new TlsPolicy(settings.plaintextAllowed(), settings.rootCertificates().orElse(null)),
            Session.ANSWER_TIMEOUT);
    Strategies strategies = strategies(settings, client, postgres);
    createSecret = new CreateSecret(secrets, settings.passwordPolicy(), strategies);
    setSecret = new SetSecret(secrets, strategies);
    finishSecret = new FinishSecret(secrets);
    generated =
        settings.strategy() == Strategies.Choice.GENERATED
            ? Optional.of(
                new GeneratedValue(
                    secrets,
                    settings.passwordPolicy(),
                    settings.generatedKey(),
                    settings.valueTest()))
            : Optional.empty();
    secretCheck = new SecretCheck(secrets, strategies, generated);
    testSecret = new TestSecret(secrets, strategies, settings.testStatement(), secretCheck);
    overdueSecrets = new OverdueSecrets(client, Clock.systemUTC());
  }

  private Strategies strategies(
      Settings settings, SecretsManagerClient client, PostgresLogin postgres) {
    RdsClients rds = new RdsClients(settings.rdsEndpoint());
    AdminLogin admin =
        new AdminLogin(
            new AdminSecrets(client, rds, settings.adminIamAuthentication()), rds, postgres);
    UserCreation userCreation =
        new UserCreation(settings.createUser(), settings.createUserGrants());
    return new Strategies(
        settings.strategy(),
        new SingleUser(secrets, postgres),
        new SingleUser(secrets, postgres, admin, userCreation),
        new AlternatingUsers(
            secrets, postgres, admin, new UserProof(secrets, postgres, userCreation)));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {
    Map<String, String> event = RotationEvent.topLevelTexts(input);
    String check = event.get("Check");
    if (OVERDUE.equals(check)) {
      overdueSecrets.check(context);
      return;
    }
    if (check != null) {
      CheckReport report = secretCheck.run(Invocation.ofCheck(check, context), null);
      answer(report, output);
      return;
    }
    takeStep(RotationEvent.of(event), context);
  }

  private void takeStep(RotationEvent event, Context context) {
    Invocation invocation = new Invocation(event, context);
    long start = System.nanoTime();
    Throwable failure = null;
    try {
      takeStep(invocation);
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      lines.accept(
          invocation
              .record()
              .line(
                  event,
                  Instant.now(),
                  Duration.ofNanos(System.nanoTime() - start),
                  failure,
                  metricNamespace));
    }
  }

  private void takeStep(Invocation invocation) {
    SecretVersions versions = secrets.describe(invocation);
    versions.requireRotating(invocation.token());
    if (versions.isCurrent(invocation.token())) {
      invocation.info("the version is AWSCURRENT already: nothing to do");
      return;
    }
    if (generated.isPresent()) {
      takeStep(generated.get(), invocation, versions);
      return;
    }
    switch (invocation.step()) {
      case CREATE_SECRET -> createSecret.run(invocation);
      case SET_SECRET -> {
        setSecret.run(invocation);
        set = new SetVersion(invocation.token(), versions.current());
      }
      case TEST_SECRET ->
          testSecret.run(invocation, set != null && set.is(invocation.token(), versions.current()));
      case FINISH_SECRET -> finishSecret.run(invocation, versions);
    }
  }

  private void takeStep(GeneratedValue value, Invocation invocation, SecretVersions versions) {
    invocation.record().strategy(GeneratedValue.NAME);
    switch (invocation.step()) {
      case CREATE_SECRET -> value.createSecret(invocation);
      case SET_SECRET -> value.setSecret(invocation);
      case TEST_SECRET -> value.testSecret(invocation);
      case FINISH_SECRET -> finishSecret.run(invocation, versions);
    }
  }

  private static void answer(CheckReport report, OutputStream output) {
    try {
      output.write(report.toJson().getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("The report could not be written", e);
    }
  }

  private static SecretsManagerClient client(Settings settings) {
    SecretsManagerClientBuilder builder = AwsCalls.configure(SecretsManagerClient.builder());
    settings.secretsManagerEndpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }
}
