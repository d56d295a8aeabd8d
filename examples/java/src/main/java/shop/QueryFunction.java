package shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

/** Queries through the query function. */
public final class QueryFunction {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String REQUEST =
      """
      {
        "sql": "SELECT n, n * n AS square FROM generate_series(1, :last) AS n",
        "parameters": [{"name": "last", "value": {"longValue": 3}}]
      }
      """;

  private QueryFunction() {}

  /**
   * @param args the function's name or ARN
   */
  public static void main(String[] args) throws Exception {
    try (LambdaClient lambda = LambdaClient.create()) {
      InvokeResponse answer =
          lambda.invoke(r -> r.functionName(args[0]).payload(SdkBytes.fromUtf8String(REQUEST)));
      JsonNode payload = JSON.readTree(answer.payload().asInputStream());
      if (answer.functionError() != null) {
        throw new IllegalStateException(payload.path("errorMessage").textValue());
      }
      for (JsonNode row : payload.path("records")) {
        System.out.println(row.path(0).path("longValue") + " " + row.path(1).path("longValue"));
      }
    }
  }
}
