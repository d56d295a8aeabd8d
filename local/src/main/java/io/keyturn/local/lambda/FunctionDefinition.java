package io.keyturn.local.lambda;

import io.keyturn.local.support.LocalAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The configuration of a function.
 *
 * @param arn the function's own ARN, without a qualifier
 * @param jar the packaged function, which is unpacked as Lambda does with a deployment package
 * @param handler {@code package.Class} or {@code package.Class::method}
 * @param memorySize in MB, from which the JVM's heap follows
 * @param alias under which the function is published, if it is
 */
public record FunctionDefinition(
    String name,
    String arn,
    Path jar,
    String handler,
    Map<String, String> environment,
    Duration timeout,
    int memorySize,
    Optional<String> alias) {
  /** Lambda's own default. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(3);

  /** Lambda's own default. */
  public static final int DEFAULT_MEMORY_SIZE = 128;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
  private static final Set<String> RESERVED =
      Set.of(
          "_HANDLER",
          "_X_AMZN_TRACE_ID",
          "AWS_DEFAULT_REGION",
          "AWS_REGION",
          "AWS_EXECUTION_ENV",
          "AWS_LAMBDA_FUNCTION_NAME",
          "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
          "AWS_LAMBDA_FUNCTION_VERSION",
          "AWS_LAMBDA_INITIALIZATION_TYPE",
          "AWS_LAMBDA_LOG_GROUP_NAME",
          "AWS_LAMBDA_LOG_STREAM_NAME",
          "AWS_ACCESS_KEY",
          "AWS_ACCESS_KEY_ID",
          "AWS_SECRET_ACCESS_KEY",
          "AWS_SESSION_TOKEN",
          "AWS_LAMBDA_RUNTIME_API",
          "LAMBDA_TASK_ROOT",
          "LAMBDA_RUNTIME_DIR");

  /** A function without an alias. */
  public FunctionDefinition(
      String name,
      String arn,
      Path jar,
      String handler,
      Map<String, String> environment,
      Duration timeout,
      int memorySize) {
    this(name, arn, jar, handler, environment, timeout, memorySize, Optional.empty());
  }

  public FunctionDefinition {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" cannot name a Lambda function: 1 to 64 letters, digits, - and _ are allowed"
              .formatted(name));
    }
    if (!arn.endsWith(":function:" + name)) {
      throw new IllegalArgumentException(
          "The ARN of function " + name + " must end with :function:" + name + ", not be " + arn);
    }
    if (handler.isBlank()) {
      throw new IllegalArgumentException(
          "Function " + name + " needs a handler, such as com.example.Handler::handleRequest");
    }
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0
        || timeout.compareTo(Duration.ofMinutes(15)) > 0) {
      throw new IllegalArgumentException(
          "The timeout of function " + name + " must be from 1 to 900 seconds, not " + timeout);
    }
    if (memorySize < 128 || memorySize > 10_240) {
      throw new IllegalArgumentException(
          "The memory of function " + name + " must be from 128 to 10240 MB, not " + memorySize);
    }
    Set<String> reserved = new TreeSet<>(environment.keySet());
    reserved.retainAll(RESERVED);
    if (!reserved.isEmpty()) {
      throw new IllegalArgumentException(
          "Function %s cannot set what Lambda itself sets: remove %s from its environment variables"
              .formatted(name, String.join(", ", reserved)));
    }
    environment = Map.copyOf(environment);
  }

  /** Returns the ARN that a function of this name has in the local stack. */
  public static String localArn(String name) {
    return LocalAccount.arn("lambda", "function:" + name);
  }

  /**
   * Returns the access key id that the function has in the local stack. Services recognize its
   * calls by it.
   */
  public String accessKeyId() {
    return "local-" + name;
  }

  /** Returns the same function with further environment variables, which override its own. */
  public FunctionDefinition withEnvironment(Map<String, String> variables) {
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.putAll(variables);
    return new FunctionDefinition(name, arn, jar, handler, all, timeout, memorySize, alias);
  }
}
