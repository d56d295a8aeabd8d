package io.keyturn.local.lambda.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Answers with its event, and logs it. */
public final class Echo implements RequestStreamHandler {
  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    byte[] event = input.readAllBytes();
    context.getLogger().log("request " + context.getAwsRequestId() + "\n");
    System.out.println("on stdout: " + event.length + " bytes");
    System.err.println("on stderr: ünïcödé");
    output.write(event);
  }
}
