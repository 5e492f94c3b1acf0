package org.agr4j.cli;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.deeplearning4j.ui.VertxUIServer;

/**
 * DL4J's server of training pages, on one address.
 *
 * <p>{@link VertxUIServer} asks Vert.x for a server on a port, which Vert.x takes for that port of
 * every address of the machine, and has no setting for it. Here the Vert.x that it asks answers
 * with a server whose {@code listen(port, handler)} is {@code listen(port, address, handler)}.
 */
final class UiServer extends VertxUIServer {
  private static final String PORT_PROPERTY = "org.deeplearning4j.ui.port";

  private final InetAddress address;

  private UiServer(InetAddress address) {
    this.address = address;
  }

  /**
   * Starts a server, and returns when it listens.
   *
   * @param address of this machine
   * @param port to listen on
   * @throws CompletionException if it cannot; the first of its causes says why
   */
  static UiServer start(InetAddress address, int port) {
    System.setProperty(PORT_PROPERTY, Integer.toString(port));
    UiServer server = new UiServer(address);
    Vertx vertx = Vertx.vertx();
    CompletableFuture<String> listening = new CompletableFuture<>();
    vertx.deployVerticle(
        server,
        deployed -> {
          if (deployed.succeeded()) {
            listening.complete(deployed.result());
          } else {
            listening.completeExceptionally(deployed.cause());
          }
        });
    try {
      listening.join();
    } catch (CompletionException e) {
      vertx.close();
      throw e;
    }
    return server;
  }

  @Override
  public void init(Vertx all, Context context) {
    super.init(
        proxy(
            Vertx.class,
            (proxy, method, args) -> {
              Object result = call(() -> method.invoke(all, args));
              return result instanceof HttpServer made ? onOneAddress(made) : result;
            }),
        context);
  }

  private HttpServer onOneAddress(HttpServer server) {
    return proxy(
        HttpServer.class,
        (proxy, method, args) -> {
          if (method.getName().equals("listen") && args.length == 2 && args[1] instanceof Handler) {
            @SuppressWarnings("unchecked") // the type of listen(int, Handler)
            var handler = (Handler<AsyncResult<HttpServer>>) args[1];
            server.listen((Integer) args[0], address.getHostAddress(), handler);
            return proxy;
          }
          Object result = call(() -> method.invoke(server, args));
          return result == server ? proxy : result;
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(UiServer.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Call call) throws Throwable {
    try {
      return call.run();
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private interface Call {
    Object run() throws ReflectiveOperationException;
  }
}
