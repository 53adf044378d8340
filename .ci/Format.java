import com.google.googlejavaformat.java.Formatter;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks ({@code check}) or rewrites ({@code write}) every Java file below a folder with
 * google-java-format. Runs as a source file on the JDK that the project is written for, because the
 * formatter parses with the JDK it runs on and Maven itself may run on an older one.
 */
public final class Format {
  public static void main(String[] args) throws Exception {
    boolean write = args[0].equals("write");
    var formatter = new Formatter();
    List<Path> wrong = new ArrayList<>();
    for (Path file : javaFiles(Path.of(args[1]))) {
      String source = Files.readString(file);
      String formatted = formatter.formatSourceAndFixImports(source);
      if (!formatted.equals(source)) {
        wrong.add(file);
        if (write) {
          Files.writeString(file, formatted);
        }
      }
    }
    for (Path file : wrong) {
      System.err.println((write ? "formatted: " : "not formatted: ") + file);
    }
    if (!write && !wrong.isEmpty()) {
      System.err.println("Format them with: mvn -N process-sources -Dformat=write");
      System.exit(1);
    }
  }

  private static List<Path> javaFiles(Path root) throws Exception {
    var java = FileSystems.getDefault().getPathMatcher("glob:**.java");
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            String name = dir.getFileName() == null ? "" : dir.getFileName().toString();
            boolean skipped = name.equals("target") || name.equals(".git") || name.equals("venv");
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (java.matches(file)) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }
}
