package io.keyturn.aws;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * An HTTP client that is created on a thread of its own. Loading the JVM's TLS and its certificate
 * authorities takes as long as the rest of an AWS client.
 */
final class BackgroundHttpClient implements SdkHttpClient {
  private final FutureTask<SdkHttpClient> made;

  BackgroundHttpClient(SdkHttpClient.Builder<?> builder) {
    made = new FutureTask<>(builder::build);
    Thread thread = new Thread(made, "http-client");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return client().prepareRequest(request);
  }

  @Override
  public void close() {
    client().close();
  }

  @Override
  public String clientName() {
    return client().clientName();
  }

  private SdkHttpClient client() {
    try {
      return made.get();
    } catch (InterruptedException e) {
      // The limit of the call has interrupted this thread. The SDK reports that if it sees the
      // interrupt.
      Thread.currentThread().interrupt();
      throw AbortedException.create("The HTTP client was not made in time", e);
    } catch (ExecutionException e) {
      throw SdkClientException.create(
          "The HTTP client could not be made: " + e.getCause().getMessage(), e.getCause());
    }
  }
}
