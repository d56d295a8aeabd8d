package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The page of a list that MaxResults and NextToken ask for. */
record Page(int from, int size) {
  private static final String PREFIX = "from:";

  static Page parse(Request request, int max) {
    int size = (int) request.number("MaxResults", 1, max).orElse(max);
    Optional<String> token = request.text("NextToken", 1, 4096);
    return new Page(token.map(Page::decoded).orElse(0), size);
  }

  private static int decoded(String token) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      if (text.startsWith(PREFIX)) {
        return Integer.parseUnsignedInt(text.substring(PREFIX.length()));
      }
    } catch (IllegalArgumentException e) {
      // Neither base64 nor a number: not a token of this service.
    }
    throw ServiceException.of("InvalidNextTokenException", "The NextToken value is invalid.");
  }

  /** This page of a list; where more follows, the answer gets the token for it. */
  <T> List<T> of(List<T> list, ObjectNode answer) {
    int start = Math.min(from, list.size());
    int end = Math.min(start + size, list.size());
    if (end < list.size()) {
      byte[] next = (PREFIX + end).getBytes(StandardCharsets.UTF_8);
      answer.put("NextToken", Base64.getUrlEncoder().withoutPadding().encodeToString(next));
    }
    return list.subList(start, end);
  }
}
