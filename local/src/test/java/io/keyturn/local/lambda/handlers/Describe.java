package io.keyturn.local.lambda.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.TreeMap;

/** Tells what a function sees of its environment. */
public final class Describe {
  private int invocations;

  public Map<String, Object> handle(Map<String, Object> event, Context context) throws IOException {
    Map<String, Object> answer = new TreeMap<>();
    answer.put("environment", System.getenv());
    answer.put("classpath", System.getProperty("java.class.path").split(File.pathSeparator));
    answer.put("flags", ManagementFactory.getRuntimeMXBean().getInputArguments());
    answer.put("folder", System.getProperty("user.dir"));
    answer.put("pid", ProcessHandle.current().pid());
    answer.put("charset", Charset.defaultCharset().name());
    answer.put("stdin", System.in.read());
    answer.put("invocations", ++invocations);
    answer.put("event", event);
    answer.put("requestId", context.getAwsRequestId());
    answer.put("arn", context.getInvokedFunctionArn());
    answer.put("name", context.getFunctionName());
    answer.put("memory", context.getMemoryLimitInMB());
    answer.put("remaining", context.getRemainingTimeInMillis());
    answer.put("trace", System.getProperty("com.amazonaws.xray.traceHeader"));
    return answer;
  }
}
