package io.clientele.cli;

import java.nio.file.Path;

/** The folder that Clientele is installed in. */
final class Home {
  private Home() {}

  /** The model repository that ships: {@code models} in the folder of the launcher script. */
  static Path models() {
    return Path.of(System.getProperty("clientele.home", ".")).resolve("models");
  }
}
