package io.keyturn.local.lambda;

/** A request that Lambda's API refuses, by the name and HTTP status that it has there. */
public final class LambdaException extends RuntimeException {
  private final int status;
  private final String type;

  LambdaException(int status, String type, String message) {
    super(message);
    this.status = status;
    this.type = type;
  }

  static LambdaException notFound(FunctionName name) {
    return new LambdaException(404, "ResourceNotFoundException", "Function not found: " + name);
  }

  static LambdaException throttled(String function, int limit) {
    return new LambdaException(
        429,
        "TooManyRequestsException",
        "Rate Exceeded: all " + limit + " environments of function " + function + " are busy");
  }

  public int status() {
    return status;
  }

  /** Such as "ResourceNotFoundException". */
  public String type() {
    return type;
  }
}
