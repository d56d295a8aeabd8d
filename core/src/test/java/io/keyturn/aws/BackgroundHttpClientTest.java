package io.keyturn.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.utils.AttributeMap;

@Timeout(20)
class BackgroundHttpClientTest {
  private final CountDownLatch release = new CountDownLatch(1);

  /** Takes until it is released. */
  private final class SlowBuilder implements SdkHttpClient.Builder<SlowBuilder> {
    @Override
    public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new NamedClient();
    }
  }

  private static final class FailingBuilder implements SdkHttpClient.Builder<FailingBuilder> {
    @Override
    public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
      throw new IllegalArgumentException("no authorities");
    }
  }

  private static final class NamedClient implements SdkHttpClient {
    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String clientName() {
      return "made";
    }

    @Override
    public void close() {}
  }

  @AfterEach
  void endThread() {
    release.countDown();
  }

  @Test
  void itsMakerDoesNotWaitButItsUserDoes() {
    SdkHttpClient client = new BackgroundHttpClient(new SlowBuilder());
    release.countDown();

    assertThat(client.clientName()).isEqualTo("made");
  }

  @Test
  void aFailureIsToldToEachUser() {
    SdkHttpClient client = new BackgroundHttpClient(new FailingBuilder());

    for (int n = 0; n < 2; n++) {
      assertThatThrownBy(() -> client.prepareRequest(HttpExecuteRequest.builder().build()))
          .isInstanceOf(SdkClientException.class)
          .hasMessageContaining("no authorities")
          .hasCauseInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theInterruptOfACallThatIsOutOfTimeEndsTheWait() {
    SdkHttpClient client = new BackgroundHttpClient(new SlowBuilder());

    Thread.currentThread().interrupt();

    assertThatThrownBy(client::clientName).isInstanceOf(AbortedException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
