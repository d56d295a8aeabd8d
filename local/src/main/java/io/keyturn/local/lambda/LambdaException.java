package io.keyturn.local.lambda;

/** Lambda's API refuses a request, with this error name and HTTP status. */
public final class LambdaException extends RuntimeException {
  private final int status;
  private final String type;

  LambdaException(int status, String type, String message) {
    super(message);
    this.status = status;
    this.type = type;
  }

  static LambdaException notFound(String function) {
    return new LambdaException(404, "ResourceNotFoundException", "Function not found: " + function);
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
