package io.keyturn.testing.wire;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.StringJoiner;

/**
 * PostgreSQL's protocol without TLS.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message
 *     formats</a>
 */
public final class PostgresProtocol implements Protocol {
  private static final int SSL_REQUEST = 80877103;
  private static final int CANCEL_REQUEST = 80877102;

  /** Cleartext, MD5, SASL and its continuation: the server waits for the client. */
  private static final Set<Integer> ASKING = Set.of(3, 5, 10, 11);

  @Override
  public Conversation begin() {
    return new PostgresConversation();
  }

  private static final class PostgresConversation implements Conversation {
    private boolean loggingIn;
    private boolean askedForTls;

    @Override
    public Request request(InputStream client) throws IOException {
      DataInputStream in = new DataInputStream(client);
      return loggingIn ? messages(in) : firstPacket(in);
    }

    private Request firstPacket(DataInputStream in) throws IOException {
      int length = in.readInt();
      byte[] rest = in.readNBytes(length - Integer.BYTES);
      int code = ByteBuffer.wrap(rest).getInt();
      askedForTls = code == SSL_REQUEST;
      loggingIn = !askedForTls;
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
      bytes.writeBytes(rest);
      return new Request(askedForTls ? "ask for TLS" : "log in", bytes, code != CANCEL_REQUEST);
    }

    private Request messages(DataInputStream in) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      StringJoiner sql = new StringJoiner("; ");
      while (true) {
        int type = in.readUnsignedByte();
        byte[] payload = payload(in, type, bytes);
        switch (type) {
          case 'P' -> sql.add(text(payload, afterNul(payload)));
          case 'Q' -> {
            return new Request(text(payload, 0), bytes, true);
          }
          case 'S' -> {
            return new Request(sql.toString(), bytes, true);
          }
          case 'p' -> {
            return new Request("authenticate", bytes, true);
          }
          case 'X' -> {
            return new Request("log out", bytes, false);
          }
          default -> {
            // Bind, Describe, Execute: part of what Sync ends.
          }
        }
      }
    }

    @Override
    public void answer(InputStream service, ByteArrayOutputStream copy) throws IOException {
      DataInputStream in = new DataInputStream(service);
      if (askedForTls) {
        copy.write(in.readByte());
        return;
      }
      int type;
      byte[] payload;
      do {
        type = in.readUnsignedByte();
        payload = payload(in, type, copy);
      } while (type != 'Z' && !(type == 'R' && ASKING.contains(ByteBuffer.wrap(payload).getInt())));
    }

    private static byte[] payload(DataInputStream in, int type, ByteArrayOutputStream copy)
        throws IOException {
      int length = in.readInt();
      byte[] payload = new byte[length - Integer.BYTES];
      in.readFully(payload);
      copy.write(type);
      copy.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
      copy.writeBytes(payload);
      return payload;
    }

    private static int afterNul(byte[] payload) {
      int end = 0;
      while (payload[end] != 0) {
        end++;
      }
      return end + 1;
    }

    private static String text(byte[] payload, int from) {
      int end = from;
      while (payload[end] != 0) {
        end++;
      }
      return new String(payload, from, end - from, StandardCharsets.UTF_8);
    }
  }
}
