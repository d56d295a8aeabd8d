package com.amazonaws.services.lambda.runtime.api.client.runtimeapi;

import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.dto.InvocationRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;

/**
 * Stands in for the class of the same name in AWS's runtime interface client, whose native code is
 * there for Linux alone: asks for events and sends answers with the JDK's own HTTP client.
 *
 * <p>The local stack puts it before the original on the class path of functions' processes where
 * there is no native code for the machine, and nowhere else.
 */
final class NativeClient {
  private static String invocations;

  private NativeClient() {}

  static void init(String runtimeApi) {
    invocations = "http://" + runtimeApi + "/2018-06-01/runtime/invocation/";
  }

  /** Waits for the next event. */
  static InvocationRequest next() {
    try {
      HttpURLConnection connection = open("next");
      requireSuccess(connection, 200);
      InvocationRequest request = new InvocationRequest();
      try (InputStream body = connection.getInputStream()) {
        request.setContent(body.readAllBytes());
      }
      request.setId(connection.getHeaderField("Lambda-Runtime-Aws-Request-Id"));
      request.setDeadlineTimeInMs(
          connection.getHeaderFieldLong("Lambda-Runtime-Deadline-Ms", Long.MAX_VALUE));
      request.setInvokedFunctionArn(
          connection.getHeaderField("Lambda-Runtime-Invoked-Function-Arn"));
      request.setXrayTraceId(connection.getHeaderField("Lambda-Runtime-Trace-Id"));
      request.setClientContext(connection.getHeaderField("Lambda-Runtime-Client-Context"));
      request.setCognitoIdentity(connection.getHeaderField("Lambda-Runtime-Cognito-Identity"));
      return request;
    } catch (IOException e) {
      throw failed("Failed to get the next event from " + invocations + ": " + e, -1);
    }
  }

  static void postInvocationResponse(byte[] requestId, byte[] response) {
    try {
      HttpURLConnection connection =
          open(new String(requestId, StandardCharsets.UTF_8) + "/response");
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setDoOutput(true);
      try (OutputStream body = connection.getOutputStream()) {
        body.write(response);
      }
      requireSuccess(connection, 202);
      try (InputStream body = connection.getInputStream()) {
        // Read to its end, the connection can be used again.
        body.readAllBytes();
      }
    } catch (IOException e) {
      throw failed("Failed to send an answer to " + invocations + ": " + e, -1);
    }
  }

  private static HttpURLConnection open(String path) throws IOException {
    return (HttpURLConnection) new URL(invocations + path).openConnection(java.net.Proxy.NO_PROXY);
  }

  private static void requireSuccess(HttpURLConnection connection, int status) throws IOException {
    if (connection.getResponseCode() != status) {
      throw failed("The Runtime API refused " + connection.getURL(), connection.getResponseCode());
    }
  }

  private static LambdaRuntimeClientException failed(String message, int status) {
    return new LambdaRuntimeClientException(message, status);
  }
}
