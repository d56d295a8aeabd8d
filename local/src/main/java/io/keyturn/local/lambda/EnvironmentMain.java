package io.keyturn.local.lambda;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The main class of a function's process. It starts Lambda's runtime interface client and a thread
 * that listens to the local stack.
 *
 * <p>The stack holds the other end of standard input. When it ends, the stack is gone, perhaps by
 * {@code kill -9}, and the process ends, too. The runtime interface client alone would notice that
 * only when it asks for the next event, and never if a handler does not return. A byte on it asks
 * for a zero byte on standard output. When the stack has read that, it has read everything that was
 * logged before.
 *
 * <p>Only this class is on the function's class path, so it uses no other class of Keyturn.
 */
final class EnvironmentMain extends Thread {
  private final InputStream fromStack;
  private final OutputStream toStack = new FileOutputStream(FileDescriptor.out);

  private EnvironmentMain(InputStream fromStack) {
    super("keyturn-stack-watch");
    this.fromStack = fromStack;
    setDaemon(true);
  }

  public static void main(String[] handler) throws Throwable {
    InputStream fromStack = System.in;
    System.setIn(InputStream.nullInputStream());
    new EnvironmentMain(fromStack).start();
    AWSLambda.main(handler);
  }

  @Override
  public void run() {
    try {
      while (fromStack.read() >= 0) {
        toStack.write(0);
      }
    } catch (IOException e) {
      // A broken pipe means the same as its end.
    } finally {
      Runtime.getRuntime().halt(1);
    }
  }
}
