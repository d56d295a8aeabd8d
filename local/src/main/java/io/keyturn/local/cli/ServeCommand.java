package io.keyturn.local.cli;

import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.LocalStackBuilder;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keyturn serve}: runs the stack for the AWS CLI and SDKs. */
@Command(
    name = "serve",
    description =
        "Run the stack for the AWS CLI and SDKs until Ctrl-C, and print the commands to try.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StackOptions options;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "4599",
      description = "Port of the AWS endpoint on 127.0.0.1. 0 chooses a free port.")
  private int port;

  @Option(
      names = "--secrets",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Number of secrets, each with its own user, from 1 to 50: keyturn/app, keyturn/app2, and so on.")
  private int secrets;

  @Option(
      names = "--allow-writes",
      description =
          "Allow the query function to write, and its user to create tables in the schema public.")
  private boolean writesAllowed;

  @Override
  public Integer call() throws InterruptedException {
    if (port < 0 || port > 65535) {
      throw new ParameterException(spec.commandLine(), "--port must be from 0 to 65535");
    }
    if (secrets < 1 || secrets > 50) {
      throw new ParameterException(spec.commandLine(), "--secrets must be from 1 to 50");
    }
    LocalStackBuilder builder = options.stack().port(port).secrets(secrets);
    if (writesAllowed) {
      builder.allowWrites();
    }
    try (LocalStack stack = builder.start()) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(
          """
          Keyturn is up: %s, Secrets Manager, Lambda and the RDS Data API at %s

          In another terminal:
            export AWS_ENDPOINT_URL=%s AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
            export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local

            aws secretsmanager get-secret-value --secret-id keyturn/app
            aws secretsmanager rotate-secret --secret-id keyturn/app --rotation-lambda-arn %s --rotation-rules 'ScheduleExpression=%s'
            aws secretsmanager describe-secret --secret-id keyturn/app
            aws lambda invoke --function-name %s --payload fileb://sam/events/query.json /dev/stdout
            aws rds-data execute-statement --resource-arn %s --secret-arn %s --sql 'SELECT current_user'

          Ctrl-C ends it.
          """
              .formatted(
                  stack.postgresVersion(),
                  stack.endpoint(),
                  stack.endpoint(),
                  stack.rotationFunctionArn(),
                  stack.schedule(),
                  stack.queryFunction(),
                  LocalStack.CLUSTER_ARN,
                  stack.secretArn()));
      out.flush();
      // Waits until the JVM is asked to end. Its shutdown hook then closes the stack.
      new CountDownLatch(1).await();
      return 0;
    }
  }
}
