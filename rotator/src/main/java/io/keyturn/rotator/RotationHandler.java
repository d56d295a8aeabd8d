package io.keyturn.rotator;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.postgres.TlsPolicy;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;

/** The Lambda function that Secrets Manager calls for each step of a rotation. */
public final class RotationHandler implements RequestStreamHandler {
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  private final SecretsManager secrets;
  private final CreateSecret createSecret;
  private final SetSecret setSecret;
  private final TestSecret testSecret;
  private final FinishSecret finishSecret;

  /** As Lambda makes it. */
  public RotationHandler() {
    this(System.getenv());
  }

  RotationHandler(Map<String, String> environment) {
    this(Settings.of(environment));
  }

  private RotationHandler(Settings settings) {
    SecretsManagerClient client = client(settings);
    secrets = new SecretsManager(client);
    PostgresLogin postgres =
        new PostgresLogin(
            "keyturn-rotator",
            new TlsPolicy(settings.plaintextAllowed(), settings.rootCertificates().orElse(null)),
            ANSWER_TIMEOUT);
    Strategies strategies = strategies(settings, client, postgres);
    createSecret = new CreateSecret(secrets, settings.passwordPolicy(), strategies);
    setSecret = new SetSecret(secrets, strategies);
    testSecret = new TestSecret(secrets, strategies, settings.testStatement());
    finishSecret = new FinishSecret(secrets);
  }

  private Strategies strategies(
      Settings settings, SecretsManagerClient client, PostgresLogin postgres) {
    RdsDatabases rds = new RdsDatabases(settings.rdsEndpoint());
    AdminLogin admin =
        new AdminLogin(
            new AdminSecrets(client, rds, settings.adminIamAuthentication()), rds, postgres);
    return new Strategies(
        settings.strategy(),
        new SingleUser(secrets, postgres, Optional.empty()),
        new SingleUser(secrets, postgres, Optional.of(admin)),
        new AlternatingUsers(
            secrets,
            postgres,
            admin,
            new FirstUser(admin, settings.createUser(), settings.createUserGrants())));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {
    RotationEvent event = RotationEvent.read(input);
    RotationLog log = new RotationLog(context.getLogger(), event);

    SecretVersions versions = secrets.describe(event.secretId());
    versions.requireRotating(event.token());
    if (versions.isCurrent(event.token())) {
      log.info("the version is AWSCURRENT already, nothing to do");
      return;
    }
    switch (event.step()) {
      case CREATE_SECRET -> createSecret.run(event, log);
      case SET_SECRET -> setSecret.run(event, log);
      case TEST_SECRET -> testSecret.run(event, log);
      case FINISH_SECRET -> finishSecret.run(event, versions, log);
    }
  }

  private static SecretsManagerClient client(Settings settings) {
    SecretsManagerClientBuilder builder =
        SecretsManagerClient.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder().connectionTimeout(Duration.ofSeconds(2)))
            .overrideConfiguration(
                c ->
                    c.apiCallAttemptTimeout(Duration.ofSeconds(5))
                        .apiCallTimeout(Duration.ofSeconds(15)));
    settings.secretsManagerEndpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }
}
