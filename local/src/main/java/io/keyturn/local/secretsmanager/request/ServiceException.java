package io.keyturn.local.secretsmanager.request;

import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Authorizer;

/** An error of the service, with its name and message. It never contains a secret value. */
public final class ServiceException extends RuntimeException {
  private final String type;
  private final int status;

  private ServiceException(String type, int status, String message) {
    super(message);
    this.type = type;
    this.status = status;
  }

  public static ServiceException of(String type, String message) {
    return new ServiceException(type, 400, message);
  }

  public static ServiceException internal(String message) {
    return new ServiceException("InternalServiceError", 500, message);
  }

  public static ServiceException throttled() {
    return of("ThrottlingException", "Rate exceeded");
  }

  public static ServiceException invalidParameter(String message) {
    return of("InvalidParameterException", message);
  }

  public static ServiceException invalidRequest(String message) {
    return of("InvalidRequestException", message);
  }

  public static ServiceException notFound(String message) {
    return of("ResourceNotFoundException", message);
  }

  public static ServiceException secretNotFound() {
    return notFound("Secrets Manager can't find the specified secret.");
  }

  public static ServiceException versionNotFound(String versionId) {
    return notFound(
        "Secrets Manager can't find the specified secret value for VersionId: " + versionId);
  }

  public static ServiceException markedForDeletion() {
    return invalidRequest(
        "You can't perform this operation on the secret because it was marked for deletion.");
  }

  /** In the words of the real service. */
  public static ServiceException accessDenied(Access access, Authorizer.Denial denial) {
    return of(
        "AccessDeniedException",
        "User: %s is not authorized to perform: %s on resource: %s %s"
            .formatted(denial.principal(), access.action(), access.resource(), denial.reason()));
  }

  /**
   * Returns the error for a value that violates a length, range or pattern of the service model.
   */
  public static ServiceException constraint(String field, String constraint) {
    return of(
        "ValidationException",
        "1 validation error detected: Value at '%s' failed to satisfy constraint: %s"
            .formatted(field, constraint));
  }

  public String type() {
    return type;
  }

  public int status() {
    return status;
  }
}
