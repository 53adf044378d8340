package io.clientele.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @AfterEach
  void restore() {
    System.setErr(before);
    Logging.start(Logging.Format.text, Logging.Level.warn);
  }

  @Test
  void writesOneObjectALineWithTheMessageAsPeopleReadIt() {
    assertThat(logged(Logging.Format.json))
        .startsWith("{")
        .contains("\"level\":\"WARN\"")
        .contains("\"formattedMessage\":\"redis is away for 3 s\"")
        .doesNotContain("hidden")
        .hasLineCount(1);
  }

  @Test
  void writesTextForPeople() {
    assertThat(logged(Logging.Format.text))
        .contains("WARN  shop - redis is away for 3 s")
        .doesNotContain("hidden")
        .hasLineCount(1);
  }

  private String logged(Logging.Format format) {
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    Logging.start(format, Logging.Level.warn);
    var log = LoggerFactory.getLogger("shop");
    log.info("hidden");
    log.warn("redis is away for {} s", 3);
    return written.toString(StandardCharsets.UTF_8);
  }
}
