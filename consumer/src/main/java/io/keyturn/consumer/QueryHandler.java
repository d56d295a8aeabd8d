package io.keyturn.consumer;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.datasource.RotatingDataSource;
import io.keyturn.datasource.RotatingSecret;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.NameLookups;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.crac.Core;
import org.crac.Resource;

/** The Lambda function that answers SQL in the shapes of the RDS Data API's ExecuteStatement. */
public final class QueryHandler implements RequestStreamHandler {
  static {
    NameLookups.keepNone();
  }

  /**
   * What is left to end what takes too long and to answer, before Lambda says that the function
   * timed out.
   */
  private static final Duration RESERVE = Duration.ofSeconds(2);

  /** A request that comes before a snapshot of the function may take this long. */
  private static final Duration WARM_UP = Duration.ofSeconds(5);

  private static final String WARM_UP_REQUEST =
      "{\"sql\":\"SELECT :one + 1\",\"parameters\":[{\"name\":\"one\",\"value\":{\"longValue\":1}}]}";

  private final boolean writesAllowed;
  private final DataApi api;
  private final RequestTransaction transaction;
  private final Resource snapshots = new Snapshots();

  /** Where this invocation's warnings go; an environment serves one at a time. */
  private Consumer<String> warn = QueryHandler::warnBeforeInvocations;

  /** A function that warms up for a snapshot may never be asked for anything. */
  private boolean invoked;

  /** Loads before a snapshot what a request needs, which no restored environment loads again. */
  private final class Snapshots implements Resource {
    @Override
    public void beforeCheckpoint(org.crac.Context<? extends Resource> context)
        throws InterruptedException {
      // On a thread that ends: the SDK's JSON parser keeps its buffers, with all of the secret that
      // it has read into them, for as long as its thread lives.
      Thread warmUp = new Thread(this::warmUp, "warm-up");
      warmUp.start();
      warmUp.join();
    }

    private void warmUp() {
      try {
        answer(
            new ByteArrayInputStream(WARM_UP_REQUEST.getBytes(StandardCharsets.UTF_8)),
            Deadline.in(WARM_UP));
      } catch (IOException | RuntimeException e) {
        // The function is deployed, perhaps before its database.
        warn.accept("Not warmed up before the snapshot, since: %s".formatted(e.getMessage()));
      }
    }

    @Override
    public void afterRestore(org.crac.Context<? extends Resource> context) {
      // The data source connects with the first request.
    }
  }

  /** As Lambda makes it. */
  public QueryHandler() {
    this(Settings.of(System.getenv()));
  }

  private QueryHandler(Settings settings) {
    this(settings, RotatingSecret.of(settings.secretId()));
  }

  QueryHandler(Settings settings, RotatingSecret secret) {
    writesAllowed = settings.writesAllowed();
    api = new DataApi(settings);
    Consumer<String> toInvocation = message -> warn.accept(message);
    RotatingDataSource.Builder dataSource =
        RotatingDataSource.builder(secret)
            .applicationName("keyturn-consumer")
            .plaintextAllowed(settings.plaintextAllowed())
            .rootCertificates(settings.rootCertificates().orElse(null))
            .maxAge(settings.connectionMaxAge())
            // A request's first message shows whether the connection is alive.
            .withoutValidation()
            // Its last message leaves the session as it was: RequestSession.
            .withoutReset()
            .withoutAutoCommit()
            .warn(toInvocation);
    if (!settings.writesAllowed()) {
      dataSource.readOnly();
    }
    settings
        .metricNamespace()
        .ifPresent(
            namespace -> {
              CredentialAge age =
                  new CredentialAge(
                      namespace, settings.secretId(), Clock.systemUTC(), QueryHandler::print);
              secret.onCurrentRead(
                  created -> {
                    if (invoked) {
                      age.write(created);
                    }
                  });
            });
    transaction = new RequestTransaction(settings, dataSource.build(), toInvocation);
    // After the data source, since the last to register is called first: it drops the connection
    // that the warm-up leaves.
    Core.getGlobalContext().register(snapshots);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    warn = message -> context.getLogger().log(message, LogLevel.WARN);
    invoked = true;
    Duration remaining = Duration.ofMillis(context.getRemainingTimeInMillis());
    answer(input, Deadline.in(remaining.minus(RESERVE))).writeTo(output);
  }

  private ByteArrayOutputStream answer(InputStream input, Deadline deadline) throws IOException {
    JsonNode event = QueryRequest.parse(input);
    Optional<ObjectNode> ofTransaction = TransactionRequest.answer(event, writesAllowed);
    if (ofTransaction.isPresent()) {
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      answer.writeBytes(ofTransaction.get().toString().getBytes(StandardCharsets.UTF_8));
      return answer;
    }
    QueryRequest request = QueryRequest.read(event);
    return transaction.run(
        (connection, time) -> api.execute(connection, request, time), request.database(), deadline);
  }

  /**
   * Lambda's logger would make a message in a JSON object of its own of it, and CloudWatch would
   * find no metric.
   */
  private static void print(String line) {
    System.out.println(line);
  }

  private static void warnBeforeInvocations(String message) {
    System.getLogger("io.keyturn.consumer").log(System.Logger.Level.WARNING, message);
  }
}
