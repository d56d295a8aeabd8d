package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.keyturn.testing.TestAuthority;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestSecretsManager;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that are no database's, whose new value is only generated. */
class GeneratedValueTest implements AutoCloseable {
  private final TestSecretsManager secretsManager = new TestSecretsManager();
  private final TestContext context = new TestContext();
  @TempDir private Path folder;
  private String arn;
  private String token;

  @AfterEach
  @Override
  public void close() {
    secretsManager.close();
  }

  @Test
  void replacesTheWholeText() {
    arn = secretsManager.createSecret("first value");
    RotationHandler function = function(Map.of("PASSWORD_LENGTH", "40"));

    rotate(function);

    assertThat(value("AWSCURRENT")).hasSize(40).doesNotContain("\"", "@", "/");
    assertThat(value("AWSPREVIOUS")).isEqualTo("first value");
    assertThat(context.log()).noneMatch(line -> line.contains(value("AWSCURRENT")));
  }

  @Test
  void replacesOneKeyAndLeavesTheRestAsItIs() {
    arn = secretsManager.createSecret("{\"id\": \"a\",  \"key\":\"old\", \"n\": 1e3}");
    rotate(function(Map.of("GENERATED_KEY", "key", "EXCLUDE_PUNCTUATION", "true")));

    assertThat(value("AWSCURRENT"))
        .matches("\\{\"id\": \"a\",  \"key\":\"[A-Za-z0-9]{32}\", \"n\": 1e3\\}");
  }

  @Test
  void aStepThatIsRepeatedKeepsTheValue() {
    arn = secretsManager.createSecret("first value");
    RotationHandler function = function(Map.of());
    begin();
    step(function, "createSecret");
    String pending = value("AWSPENDING");

    for (String step : List.of("createSecret", "setSecret", "setSecret", "testSecret")) {
      step(function, step);
    }
    assertThat(value("AWSPENDING")).isEqualTo(pending);
    step(function, "finishSecret");
    step(function, "finishSecret");

    assertThat(value("AWSCURRENT")).isEqualTo(pending);
  }

  @Test
  void refusesWhatIsADatabasesAndWhatItWouldDestroy() {
    for (Map.Entry<String, String> refused :
        Map.of(
                "{\"engine\":\"postgres\",\"username\":\"app\",\"password\":\"p\"}",
                "is that of a database",
                "{\"host\":\"h\",\"username\":\"app\",\"password\":\"p\"}",
                "is that of a database",
                "{\"other\":\"value\"}",
                "GENERATED_KEY",
                "text",
                "GENERATED_KEY")
            .entrySet()) {
      arn = secretsManager.createSecret(refused.getKey());
      RotationHandler function = function(Map.of("GENERATED_KEY", "password"));
      begin();

      Throwable failure = catchThrowable(() -> step(function, "createSecret"));

      assertThat(failure).hasMessageContainingAll("Nothing was changed", refused.getValue());
      assertThat(SecretChecked.by(function, arn, context).blocks())
          .containsExactly(failure.getMessage());
      assertThat(value("AWSCURRENT")).isEqualTo(refused.getKey());
    }
    arn = secretsManager.createSecret("{\"other\":\"value\"}");
    RotationHandler wholeText = function(Map.of());
    begin();
    assertThat(catchThrowable(() -> step(wholeText, "createSecret")))
        .hasMessageContaining("whole text would be replaced");
  }

  @Test
  void anEditMeanwhileIsNotTakenBack() {
    arn = secretsManager.createSecret("{\"id\":\"a\",\"key\":\"old\"}");
    RotationHandler function = function(Map.of("GENERATED_KEY", "key"));
    begin();
    step(function, "createSecret");
    secretsManager
        .client()
        .putSecretValue(
            r ->
                r.secretId(arn)
                    .versionStages("AWSCURRENT")
                    .secretString("{\"id\":\"b\",\"key\":\"old\"}"));

    assertThat(catchThrowable(() -> step(function, "testSecret")))
        .hasMessageContainingAll("\"id\"", "rotate again");
    rotate(function);
    assertThat(value("AWSCURRENT")).startsWith("{\"id\":\"b\",").doesNotContain("old");
  }

  @Test
  void aServiceMustAcceptTheNewValueOverVerifiedTls() throws Exception {
    TestAuthority authority = new TestAuthority();
    Path roots = Files.writeString(folder.resolve("roots.pem"), authority.pem());
    List<String> asked = new CopyOnWriteArrayList<>();
    int[] status = {403};
    HttpsServer service =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setHttpsConfigurator(new HttpsConfigurator(context(authority.issue("localhost"))));
    service.createContext(
        "/",
        exchange -> {
          asked.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Key")));
          if (status[0] == 302) {
            exchange.getResponseHeaders().add("Location", "/elsewhere");
          }
          exchange.sendResponseHeaders(status[0], -1);
          exchange.close();
        });
    service.start();
    try {
      arn = secretsManager.createSecret("first value");
      Map<String, String> environment =
          new HashMap<>(
              Map.of(
                  "TEST_URL", "https://localhost:%d/".formatted(service.getAddress().getPort()),
                  "TEST_HEADER", "X-Key",
                  "PGSSLROOTCERT", roots.toString()));
      RotationHandler function = function(environment);
      begin();
      step(function, "createSecret");
      assertThat(catchThrowable(() -> step(function, "testSecret")))
          .hasMessageContainingAll("status 403", "AWSPENDING")
          .hasMessageNotContaining(value("AWSPENDING"));
      status[0] = 302;
      assertThat(catchThrowable(() -> step(function, "testSecret")))
          .hasMessageContaining("status 302");
      assertThat(asked).containsExactly(value("AWSPENDING"), value("AWSPENDING"));
      status[0] = 204;
      step(function, "testSecret");
      step(function, "finishSecret");
      assertThat(asked).hasSize(3).containsOnly(value("AWSCURRENT"));

      environment.remove("PGSSLROOTCERT");
      RotationHandler trustsOthers = function(environment);
      begin();
      step(trustsOthers, "createSecret");
      assertThat(catchThrowable(() -> step(trustsOthers, "testSecret")))
          .hasMessageContaining("could not be asked");
      assertThat(asked).hasSize(3);
    } finally {
      service.stop(0);
    }
  }

  private static SSLContext context(TestAuthority.Issued issued) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server", issued.key(), new char[0], new Certificate[] {issued.certificate()});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void settingsThatWouldSendTheValueInPlaintextAreRefused() {
    assertThatThrownBy(() -> function(Map.of("TEST_URL", "http://example.com")))
        .hasMessageContainingAll("TEST_URL", "https://");
    assertThatThrownBy(
            () -> function(Map.of("TEST_URL", "https://example.com", "TEST_HEADER", ": Bearer")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private RotationHandler function(Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("ROTATION_STRATEGY", "generated");
    all.put("SECRETS_MANAGER_ENDPOINT", secretsManager.endpoint().toString());
    return new RotationHandler(all, line -> {});
  }

  private void rotate(RotationHandler function) {
    begin();
    for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
      step(function, step);
    }
  }

  private void begin() {
    token = secretsManager.startRotation(arn);
  }

  private void step(RotationHandler function, String step) {
    function.handleRequest(
        new ByteArrayInputStream(
            RotatedSecret.event(step, arn, token).getBytes(StandardCharsets.UTF_8)),
        new ByteArrayOutputStream(),
        context);
  }

  private String value(String label) {
    return secretsManager.value(arn, label);
  }
}
