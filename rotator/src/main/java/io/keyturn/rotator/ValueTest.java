package io.keyturn.rotator;

import io.keyturn.postgres.VerifyingSocketFactory;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks a service, over verified TLS, whether it accepts a new value: a GET with the value in a
 * header must be answered with a status from 200 to 299. Redirects are not followed, since they
 * would send the value elsewhere.
 */
final class ValueTest {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final URI url;
  private final String header;
  private final String scheme;
  private final Optional<String> rootCertificates;

  /**
   * @param url TEST_URL
   * @param header TEST_HEADER: the header's name, and after a colon what comes before the value,
   *     such as "Authorization: Bearer"
   * @throws IllegalArgumentException if the URL is not of HTTPS or the header has no name
   */
  ValueTest(URI url, String header, Optional<String> rootCertificates) {
    if (!"https".equalsIgnoreCase(url.getScheme())) {
      throw new IllegalArgumentException(
          "TEST_URL is \"%s\", but must begin with https://: the new value is sent to it"
              .formatted(url));
    }
    this.url = url;
    String[] parts = header.split(":", 2);
    this.header = parts[0].strip();
    scheme = parts.length == 1 || parts[1].isBlank() ? "" : parts[1].strip() + " ";
    this.rootCertificates = rootCertificates;
    // Fails now if the name is none, and not at the first rotation.
    request("", ANSWER);
  }

  /**
   * Requires that the service accepts a value.
   *
   * @throws RotationException if it does not, or does not answer in time
   */
  void require(Invocation invocation, String value) {
    try {
      HttpResponse<InputStream> response =
          client()
              .send(
                  request(value, invocation.deadline().atMost(ANSWER)),
                  // Complete as soon as the headers are there: the body does not matter.
                  BodyHandlers.ofInputStream());
      response.body().close();
      if (response.statusCode() / 100 != 2) {
        throw new RotationException(
            "%s answered the new value of secret %s with status %d, so AWSCURRENT was not moved. The service must accept the version that is staged AWSPENDING"
                .formatted(url, invocation.secretId(), response.statusCode()));
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new RotationException(
          "%s could not be asked whether it accepts the new value of secret %s, so AWSCURRENT was not moved: %s"
              .formatted(url, invocation.secretId(), e),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RotationException("Interrupted while %s was asked".formatted(url), e);
    }
  }

  private HttpRequest request(String value, Duration timeout) {
    return HttpRequest.newBuilder(url).timeout(timeout).header(header, scheme + value).build();
  }

  private HttpClient client() throws GeneralSecurityException, IOException {
    return HttpClient.newBuilder()
        .sslContext(VerifyingSocketFactory.context(url.getHost(), rootCertificates.orElse(null)))
        .connectTimeout(ANSWER)
        .followRedirects(Redirect.NEVER)
        .build();
  }

  @Override
  public String toString() {
    return url.toString();
  }
}
