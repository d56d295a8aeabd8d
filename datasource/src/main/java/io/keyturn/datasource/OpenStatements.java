package io.keyturn.datasource;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.postgresql.PGConnection;

/**
 * The statements that a caller has made. The driver's pooled connection does not close them with
 * itself, and they would go on in the next caller's connection.
 */
final class OpenStatements implements InvocationHandler {
  private final Connection connection;

  /** Weak, since the caller need not close what it no longer uses. */
  private final Set<Statement> statements =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  OpenStatements(Connection connection) {
    this.connection = connection;
  }

  /** The connection, whose statements are noted. */
  Connection watched() {
    return (Connection)
        Proxy.newProxyInstance(
            PGConnection.class.getClassLoader(),
            new Class<?>[] {Connection.class, PGConnection.class},
            this);
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    try {
      Object result = method.invoke(connection, arguments);
      if (result instanceof Statement statement) {
        statements.add(statement);
      }
      return result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  void close() throws SQLException {
    List<Statement> open;
    synchronized (statements) {
      open = List.copyOf(statements);
      statements.clear();
    }
    for (Statement statement : open) {
      statement.close();
    }
  }
}
