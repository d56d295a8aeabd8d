package io.keyturn.local.lambda;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a function in a request to Lambda's API: {@code name}, {@code
 * 000000000000:function:name} or the ARN, each also with {@code :qualifier}.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax">FunctionName
 *     of Invoke</a>
 */
final class FunctionName {
  private static final Pattern FORM =
      Pattern.compile(
          "((?<arn>arn:[^:]+:lambda:[^:]+:\\d{12}:function:)|(?<account>\\d{12}:)?(function:)?)"
              + "(?<name>[A-Za-z0-9_-]{1,64})(:(?<qualifier>\\$LATEST|[A-Za-z0-9_-]{1,128}))?");

  private final String text;
  private final Matcher parts;

  private FunctionName(String text, Matcher parts) {
    this.text = text;
    this.parts = parts;
  }

  /**
   * @throws LambdaException if it has another form
   */
  static FunctionName parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new LambdaException(
          400,
          "ValidationException",
          "\"%s\" is not the name or ARN of a Lambda function, such as rotator or %s"
              .formatted(text, FunctionDefinition.localArn("rotator")));
    }
    return new FunctionName(text, parts);
  }

  String name() {
    return parts.group("name");
  }

  /** Whether this names the function. In the local stack it has only one version. */
  boolean means(FunctionDefinition function) {
    String qualifier = parts.group("qualifier");
    String arn = parts.group("arn");
    String account = parts.group("account");
    return function.name().equals(name())
        && (qualifier == null
            || qualifier.equals("$LATEST")
            || function.alias().filter(qualifier::equals).isPresent())
        && (arn == null || function.arn().equals(arn + name()))
        && (account == null || function.arn().contains(":" + account + "function:"));
  }

  /** What an error names. */
  @Override
  public String toString() {
    if (text.startsWith("arn:")) {
      return text;
    }
    String qualifier = parts.group("qualifier");
    return FunctionDefinition.localArn(name()) + (qualifier == null ? "" : ":" + qualifier);
  }
}
