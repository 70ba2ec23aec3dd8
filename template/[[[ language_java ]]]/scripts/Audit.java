// Known holes in what the service ships, as https://osv.dev knows them.
//
// usage: java scripts/Audit.java
//   .audit-accepted   holes that do not count: an id and the reason for it, one a line
//   OSV_URL           another database with the same interface
// exit codes: 0 there are none, 1 there are some

import module java.net.http;

record Dependency(String name, String version) {}

void main() throws Exception {
  // A question may be asked again where the database ended the connection between two of them.
  System.setProperty("jdk.httpclient.enableAllMethodRetry", "true");
  var accepted = acceptedHoles();
  var dependencies = dependencies();
  var count = 0;
  try (var client = HttpClient.newHttpClient()) {
    for (var dependency : dependencies) {
      for (var hole : holesIn(dependency, client)) {
        if (accepted.contains(hole)) continue;
        IO.println(dependency.name + " " + dependency.version + ": " + hole);
        count++;
      }
    }
  }
  IO.println(dependencies.size() + " dependencies, known holes: " + count);
  System.exit(count == 0 ? 0 : 1);
}

Set<String> acceptedHoles() throws IOException {
  var file = Path.of(".audit-accepted");
  if (!Files.exists(file)) return Set.of();
  return Files.readAllLines(file).stream().map(line -> line.split(" ")[0]).collect(Collectors.toSet());
}

List<Dependency> dependencies() throws IOException, InterruptedException {
  var list = Files.createTempFile("dependencies", ".txt");
  var wrapper = Path.of(System.getProperty("os.name").startsWith("Windows") ? "mvnw.cmd" : "mvnw");
  var maven =
      new ProcessBuilder(
          wrapper.toAbsolutePath().toString(), "--batch-mode", "--quiet", "dependency:list",
          "-DincludeScope=runtime", "-DoutputFile=" + list);
  if (maven.inheritIO().start().waitFor() != 0) throw new IOException("Maven lists no dependencies");
  var line = Pattern.compile("^ +([\\w.-]+:[\\w.-]+):jar:(?:[\\w.-]+:)?([\\w.-]+):(?:compile|runtime)");
  return Files.readAllLines(list).stream()
      .map(line::matcher)
      .filter(Matcher::find)
      .map(found -> new Dependency(found.group(1), found.group(2)))
      .toList();
}

List<String> holesIn(Dependency dependency, HttpClient client) throws IOException, InterruptedException {
  var url = System.getenv().getOrDefault("OSV_URL", "https://api.osv.dev/v1/query");
  var question =
      """
      {"version": "%s", "package": {"ecosystem": "Maven", "name": "%s"}}
      """
          .formatted(dependency.version, dependency.name);
  var request =
      HttpRequest.newBuilder(URI.create(url))
          .timeout(Duration.ofSeconds(30))
          .POST(HttpRequest.BodyPublishers.ofString(question))
          .build();
  var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
  if (answer.statusCode() != 200) throw new IOException(url + " answered " + answer.statusCode());
  return Pattern.compile("\"id\" *: *\"([A-Z][^\"]*)\"").matcher(answer.body()).results()
      .map(found -> found.group(1))
      .distinct()
      .toList();
}
