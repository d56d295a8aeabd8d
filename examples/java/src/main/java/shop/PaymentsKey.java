package shop;

import io.keyturn.datasource.RotatingSecret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Calls a service with an API key that rotates. */
public final class PaymentsKey {
  private static final RotatingSecret KEY = RotatingSecret.of("shop/payments-key");

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI payments;

  private PaymentsKey(URI payments) {
    this.payments = payments;
  }

  /** The service did not take the key. */
  private static final class Unauthorized extends IOException {
    Unauthorized() {
      super("The service refused the key");
    }
  }

  /**
   * @param args the service's URL
   */
  public static void main(String[] args) throws Exception {
    PaymentsKey payments = new PaymentsKey(URI.create(args[0]));
    String receipt = KEY.use(key -> payments.pay(key.text()), Unauthorized.class::isInstance);
    System.out.println(receipt);
  }

  private String pay(String key) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(payments).header("Authorization", "Bearer " + key).build();
    HttpResponse<String> response;
    try {
      response = http.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
    if (response.statusCode() == 401) {
      throw new Unauthorized();
    }
    return response.body();
  }
}
