import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Compiles what was changed in the working directory, and runs there the test classes whose names match. */
final class Suites {
  private static final Path CLASSES = Path.of("target/classes");
  private static final Path TESTS = Path.of("target/test-classes");
  private static final Path SOURCES = Path.of("src/main/java");

  public static void main(String[] arguments) throws Exception {
    if (!compile(changed())) {
      System.out.println("[build failed]");
      System.exit(2);
    }
    System.exit(run(Pattern.compile(arguments[0])));
  }

  private static List<String> changed() throws IOException {
    try (var files = Files.walk(SOURCES)) {
      return files.filter(Suites::isNewer).map(Path::toString).toList();
    }
  }

  private static boolean isNewer(Path source) {
    var name = SOURCES.relativize(source).toString();
    if (!name.endsWith(".java")) return false;
    var compiled = CLASSES.resolve(name.replaceFirst("java$", "class"));
    return compiled.toFile().lastModified() < source.toFile().lastModified();
  }

  private static boolean compile(List<String> sources) {
    if (sources.isEmpty()) return true;
    var options = List.of("-parameters", "-proc:none", "-nowarn", "-d", CLASSES.toString());
    var compiler = ToolProvider.getSystemJavaCompiler();
    var files = compiler.getStandardFileManager(null, null, null);
    return compiler.getTask(null, files, null, options, null, files.getJavaFileObjects(sources.toArray(String[]::new))).call();
  }

  private static int run(Pattern wanted) throws IOException {
    var request = LauncherDiscoveryRequestBuilder.request();
    try (var files = Files.walk(TESTS)) {
      files.map(Suites::nameOf).filter(wanted.asMatchPredicate()).forEach(name -> request.selectors(selectClass(name)));
    }
    var listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request.build(), listener);
    var summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true));
    return summary.getTestsSucceededCount() == 0 || summary.getTotalFailureCount() > 0 ? 1 : 0;
  }

  private static String nameOf(Path file) {
    return TESTS.relativize(file).toString().replaceFirst("\\.class$", "").replace('/', '.');
  }
}
