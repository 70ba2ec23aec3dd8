import { expect, test } from "@jest/globals";
import { client, echo, failing, testDeps } from "../support/deps.ts";

const scrape = async (deps: ReturnType<typeof testDeps>) => (await client(deps).get("/metrics")).text;

function series(text: string, name: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

const labels = (method: string, route: string, status: number) =>
  `{http_request_method="${method}",http_route="${route}",http_response_status_code="${String(status)}"}`;

test("failures of every operation can be seen to begin", async () => {
  const text = await scrape(testDeps());

  expect(series(text, "http_server_request_duration_seconds_count")).toEqual([
    `http_server_request_duration_seconds_count${labels("GET", "/v1/echoes/{id}", 500)} 0`,
    `http_server_request_duration_seconds_count${labels("POST", "/v1/echoes/{id}", 500)} 0`,
  ]);
});

test("requests are counted by method, route and status", async () => {
  const deps = testDeps();
  const api = client(deps, [echo, failing(new Error("cause"))]);
  await api.get("/v1/echoes/a");
  await api.get("/v1/echoes/b");
  await api.put("/v1/echoes/b");
  await api.get("/v1/failures");
  await api.get("/v1/nowhere/secret");
  await api.post("/v1/nowhere").unset("Content-Type");

  const counts = series(await scrape(deps), "http_server_request_duration_seconds_count");

  expect(counts.filter((line) => !line.endsWith(" 0")).sort()).toEqual(
    [
      `${labels("GET", "", 404)} 1`,
      `${labels("GET", "/v1/echoes/{id}", 200)} 2`,
      `${labels("GET", "/v1/failures", 500)} 1`,
      `${labels("POST", "", 404)} 1`,
      `${labels("PUT", "/v1/echoes/{id}", 405)} 1`,
    ].map((line) => `http_server_request_duration_seconds_count${line}`),
  );
});

test("a method that few know has no series of its own", async () => {
  const deps = testDeps();
  await client(deps).propfind("/v1/echoes/a");

  const counts = series(await scrape(deps), "http_server_request_duration_seconds_count");

  expect(counts).toContain(`http_server_request_duration_seconds_count${labels("_OTHER", "/v1/echoes/{id}", 405)} 1`);
});

test("the time of a request has the buckets of the contract, in seconds", async () => {
  const deps = testDeps();
  await client(deps).get("/v1/echoes/a");

  const lines = series(await scrape(deps), "http_server_request_duration_seconds_bucket");
  const buckets = lines.filter((line) => line.includes('"200"'));

  const bounds = buckets.map((line) => /le="([^"]+)"/.exec(line)?.[1]);
  expect(bounds.join(" ")).toBe("0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 +Inf");
  expect(buckets.at(-2)).toMatch(/ 1$/);
});

test("what platforms ask is not counted", async () => {
  const deps = testDeps();
  for (const path of ["/health", "/ready", "/version", "/metrics", "/openapi.yaml"]) await client(deps).get(path);

  const text = await scrape(deps);

  expect(text).not.toMatch(/http_route="\/(health|ready|version|metrics|openapi)/);
  expect(series(text, "http_server_active_requests")).toEqual([
    'http_server_active_requests{http_request_method="GET"} 0',
    'http_server_active_requests{http_request_method="POST"} 0',
  ]);
});

test("requests under way are counted until they are over", async () => {
  const deps = testDeps();
  const api = client(deps, [
    (router) => {
      router.get("/v1/scrapes", async (_request, response) => {
        response.send(await deps.metrics.registry.metrics());
      });
    },
  ]);

  const during = await api.get("/v1/scrapes");

  const active = 'http_server_active_requests{http_request_method="GET"}';
  expect(series(during.text, "http_server_active_requests")).toEqual([`${active} 1`]);
  expect(series(await scrape(deps), "http_server_active_requests")).toContain(`${active} 0`);
});

test("the target tells what it is", async () => {
  expect(series(await scrape(testDeps()), "target_info")).toEqual([
    'target_info{service_name="anchor-api",service_version="1.2.3",vcs_ref_head_revision="0123abc",' +
      'deployment_environment_name="test",telemetry_sdk_language="nodejs"} 1',
  ]);
});

test("the process is measured", async () => {
  const text = await scrape(testDeps());

  for (const name of ["cpu_seconds_total", "resident_memory_bytes", "start_time_seconds"]) {
    expect(series(text, `process_${name}`)).toHaveLength(1);
  }
});

test("without a database there are no metrics of one", async () => {
  expect(await scrape(testDeps())).not.toContain("db_client");
});
