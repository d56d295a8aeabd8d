package io.keyturn.local.lambda;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Where a function's process begins: starts Lambda's runtime interface client beside a thread that
 * listens to the local stack.
 *
 * <p>The stack holds the other end of standard input. Its end means that the stack is gone, even by
 * {@code kill -9}, and then so is the process: the runtime interface client alone would notice only
 * when it next asks for an event, and a handler that never returns not at all. A byte asks for a
 * zero byte on standard output, which tells the stack that it has seen whatever was logged before.
 *
 * <p>Only this class file is put on the function's class path, so it uses no other one of Keyturn.
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
      // A broken pipe tells the same as its end.
    } finally {
      Runtime.getRuntime().halt(1);
    }
  }
}
