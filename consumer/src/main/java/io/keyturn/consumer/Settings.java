package io.keyturn.consumer;

import io.keyturn.aws.Environment;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The function's environment variables.
 *
 * @param secretId SECRET_ID: the secret's name or ARN; required
 * @param statementTimeout STATEMENT_TIMEOUT_SECONDS: 1 to 900, 10 by default
 * @param maxRows MAX_ROWS: 1 to 1,000,000, 10,000 by default
 * @param maxAnswerBytes MAX_ANSWER_BYTES: 1 MiB by default, as the Data API's, and at most what
 *     Lambda takes
 * @param connectionMaxAge CONNECTION_MAX_AGE_SECONDS: how long a connection is used again; 900 by
 *     default, 0 for a new one each time
 * @param writesAllowed ALLOW_WRITES: false by default, when every transaction is read-only
 * @param plaintextAllowed ALLOW_PLAINTEXT: whether a server without TLS may do, for a secret
 *     without an {@code ssl} key
 * @param rootCertificates PGSSLROOTCERT: a PEM file of the only authorities to trust; RDS's and the
 *     JVM's if absent
 * @param metricNamespace METRIC_NAMESPACE: where in CloudWatch the credential's age is written;
 *     nowhere if absent
 */
record Settings(
    String secretId,
    Duration statementTimeout,
    int maxRows,
    int maxAnswerBytes,
    Duration connectionMaxAge,
    boolean writesAllowed,
    boolean plaintextAllowed,
    Optional<String> rootCertificates,
    Optional<String> metricNamespace) {
  /**
   * Of a synchronous invocation's response: Lambda would fail a longer one after all the work.
   *
   * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html">Lambda's
   *     quotas</a>
   */
  static final int LAMBDA_ANSWER_BYTES = 6_291_556;

  /**
   * CloudWatch drops what it does not take, without a word to the function.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Namespace">namespaces</a>
   */
  private static final Pattern NAMESPACE = Pattern.compile("(?!AWS/|:)[\\w.\\-/#: ]{1,255}");

  static Settings of(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    return new Settings(
        environment
            .text("SECRET_ID")
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "SECRET_ID is not set: it must be the name or ARN of the database secret")),
        Duration.ofSeconds(environment.number("STATEMENT_TIMEOUT_SECONDS", 10, 1, 900)),
        environment.number("MAX_ROWS", 10_000, 1, 1_000_000),
        environment.number("MAX_ANSWER_BYTES", 1 << 20, 1024, LAMBDA_ANSWER_BYTES),
        Duration.ofSeconds(environment.number("CONNECTION_MAX_AGE_SECONDS", 900, 0, 86_400)),
        environment.flag("ALLOW_WRITES", false),
        environment.flag("ALLOW_PLAINTEXT", false),
        environment.text("PGSSLROOTCERT"),
        namespace(environment, "METRIC_NAMESPACE"));
  }

  private static Optional<String> namespace(Environment environment, String name) {
    Optional<String> namespace = environment.text(name);
    if (namespace.isPresent() && !NAMESPACE.matcher(namespace.get()).matches()) {
      throw new IllegalArgumentException(
          ("%s is \"%s\", but must have 1 to 255 letters, digits, spaces or any of . - _ / # : and"
                  + " must not begin with AWS/ or a colon")
              .formatted(name, namespace.get()));
    }
    return namespace;
  }
}
