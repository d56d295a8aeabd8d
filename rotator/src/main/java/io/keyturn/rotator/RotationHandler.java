package io.keyturn.rotator;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.keyturn.aws.AwsCalls;
import io.keyturn.postgres.NameLookups;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.postgres.TlsPolicy;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationEvent;
import io.keyturn.rotator.rds.RdsClients;
import io.keyturn.rotator.role.Session;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.util.Map;
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

  /** The "Check" of the event that the template's daily schedule sends. */
  private static final String CHECK = "overdue";

  private final SecretsManager secrets;
  private final CreateSecret createSecret;
  private final SetSecret setSecret;
  private final TestSecret testSecret;
  private final FinishSecret finishSecret;
  private final OverdueSecrets overdueSecrets;

  /** Called by Lambda. */
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
            Session.ANSWER_TIMEOUT);
    Strategies strategies = strategies(settings, client, postgres);
    createSecret = new CreateSecret(secrets, settings.passwordPolicy(), strategies);
    setSecret = new SetSecret(secrets, strategies);
    testSecret = new TestSecret(secrets, strategies, settings.testStatement());
    finishSecret = new FinishSecret(secrets);
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
    if (CHECK.equals(event.get("Check"))) {
      overdueSecrets.check(context);
      return;
    }
    Invocation invocation = new Invocation(RotationEvent.of(event), context);
    SecretVersions versions = secrets.describe(invocation);
    versions.requireRotating(invocation.token());
    if (versions.isCurrent(invocation.token())) {
      invocation.info("the version is AWSCURRENT already: nothing to do");
      return;
    }
    switch (invocation.step()) {
      case CREATE_SECRET -> createSecret.run(invocation);
      case SET_SECRET -> setSecret.run(invocation);
      case TEST_SECRET -> testSecret.run(invocation);
      case FINISH_SECRET -> finishSecret.run(invocation, versions);
    }
  }

  private static SecretsManagerClient client(Settings settings) {
    SecretsManagerClientBuilder builder = AwsCalls.configure(SecretsManagerClient.builder());
    settings.secretsManagerEndpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }
}
