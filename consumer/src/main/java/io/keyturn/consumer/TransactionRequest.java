package io.keyturn.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.consumer.QueryException.BadRequestException;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * BeginTransaction, CommitTransaction and RollbackTransaction, which an event shows by the keys
 * that it has.
 *
 * <p>Every request is a transaction of its own. Where nothing can be written, a client's
 * transaction needs no more than that: its beginning and its end are answered, and do nothing.
 */
final class TransactionRequest {
  private static final Set<String> BEGIN_KEYS =
      Set.of("resourceArn", "secretArn", "database", "schema");

  private TransactionRequest() {}

  /**
   * The answer, if the request begins or ends a transaction.
   *
   * @throws BadRequestException if it belongs to a transaction, and writes are allowed
   */
  static Optional<ObjectNode> answer(JsonNode request, boolean writesAllowed) {
    Optional<String> transaction = RequestJson.text(request, "transactionId");
    boolean statement = RequestJson.isPresent(request.path("sql"));
    if (!statement && transaction.isEmpty() && !isBegin(request)) {
      return Optional.empty();
    }
    if (writesAllowed && (!statement || transaction.isPresent())) {
      throw new BadRequestException(
          "Transactions (BeginTransaction, CommitTransaction, RollbackTransaction) are not supported"
              + " where ALLOW_WRITES is set: every request is a transaction of its own. To change"
              + " several rows or nothing, send \"parameterSets\" or one statement WITH"
              + " data-modifying parts");
    }
    if (statement) {
      return Optional.empty();
    }
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    return Optional.of(
        transaction.isPresent()
            ? answer.put("transactionStatus", "Transaction ended")
            : answer.put("transactionId", UUID.randomUUID().toString()));
  }

  /** Its client always sends the two ARNs; any other key was meant for a statement. */
  private static boolean isBegin(JsonNode request) {
    for (Iterator<String> keys = request.fieldNames(); keys.hasNext(); ) {
      if (!BEGIN_KEYS.contains(keys.next())) {
        return false;
      }
    }
    return request.has("resourceArn");
  }
}
