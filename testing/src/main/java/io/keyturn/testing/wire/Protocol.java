package io.keyturn.testing.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Finds where requests and answers begin and end. */
public interface Protocol {
  /** A conversation on a new connection. */
  Conversation begin();

  /** Splits the bytes of a connection. */
  interface Conversation {
    /**
     * Reads what the client sends next.
     *
     * @throws java.io.EOFException if it has hung up
     */
    Request request(InputStream client) throws IOException;

    /**
     * Copies the answer to the last request.
     *
     * @throws java.io.EOFException if the service hung up before its end; what came is copied
     */
    void answer(InputStream service, ByteArrayOutputStream copy) throws IOException;
  }

  /**
   * What a client sends at once.
   *
   * @param name what is asked, in a few words
   * @param answered whether the client waits for an answer
   */
  record Request(String name, ByteArrayOutputStream bytes, boolean answered) {}
}
