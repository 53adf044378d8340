package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/** Something on a free port that says it is a Redis of some version, and OK to all else. */
final class TestingOldRedis implements AutoCloseable {
  private final ServerSocket server;
  private final String info;

  TestingOldRedis(String version) throws IOException {
    info = "# Server\r\nredis_version:" + version + "\r\n";
    server = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(this::accept);
  }

  URI uri() {
    return URI.create("redis://127.0.0.1:" + server.getLocalPort());
  }

  private void accept() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        answer(socket);
      } catch (IOException e) {
        // the next one, or the end
      }
    }
  }

  private void answer(Socket socket) throws IOException {
    var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    OutputStream out = socket.getOutputStream();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int arguments = Integer.parseInt(line.substring(1));
      String command = "";
      for (int i = 0; i < arguments; i++) {
        in.readLine();
        String argument = in.readLine();
        command = i == 0 ? argument : command;
      }
      String reply =
          command.equals("INFO") ? "$" + info.length() + "\r\n" + info + "\r\n" : "+OK\r\n";
      out.write(reply.getBytes(US_ASCII));
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
