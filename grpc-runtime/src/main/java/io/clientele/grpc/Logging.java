package io.clientele.grpc;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Logging of one process: to standard error, as text for people or as one JSON object a line. */
public final class Logging {
  private Logging() {}

  /** How log lines look. */
  public enum Format {
    text,
    json
  }

  /** Least severe level that is logged. */
  public enum Level {
    error,
    warn,
    info,
    debug
  }

  /** Replaces whatever configuration the process has. */
  public static void start(Format format, Level level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Encoder<ILoggingEvent> encoder =
        switch (format) {
          case text -> text(context);
          case json -> json(context);
        };
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(
        switch (level) {
          case error -> ch.qos.logback.classic.Level.ERROR;
          case warn -> ch.qos.logback.classic.Level.WARN;
          case info -> ch.qos.logback.classic.Level.INFO;
          case debug -> ch.qos.logback.classic.Level.DEBUG;
        });
    root.addAppender(appender);
    if (level != Level.debug) {
      context.getLogger("io.grpc").setLevel(ch.qos.logback.classic.Level.WARN);
      context.getLogger("redis.clients").setLevel(ch.qos.logback.classic.Level.WARN);
    }
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0} - %msg%n");
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> json(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithFormattedMessage(true);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithContext(false);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.start();
    return encoder;
  }
}
