import { expect, test } from "@jest/globals";
import { client, echo, failing, testDeps, testServer } from "../support/deps.ts";
import { open } from "../support/raw.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

test("a request writes one line", async () => {
  const deps = testDeps();
  const answer = await client(deps)
    .get("/v1/echoes/anchor?token=not-a-real-token")
    .set("X-Request-Id", "order-7")
    .set("traceparent", `00-${traceId}-00f067aa0ba902b7-01`)
    .set("User-Agent", "test/1");

  expect(deps.lines).toEqual([
    {
      timestamp: expect.any(String),
      level: "info",
      message: "request completed",
      logger: "http",
      service_name: "anchor-api",
      service_version: "1.2.3",
      deployment_environment: "test",
      request_id: "order-7",
      trace_id: traceId,
      span_id: String(answer.headers.traceparent).split("-")[2],
      http_request_method: "GET",
      url_path: "/v1/echoes/anchor",
      http_route: "/v1/echoes/{id}",
      http_response_status_code: 200,
      duration_ms: expect.any(Number),
      client_address: expect.stringMatching(/127\.0\.0\.1$/),
      user_agent: "test/1",
    },
  ]);
});

test("a request that leads nowhere has no route, and none of its secrets is written", async () => {
  const deps = testDeps();
  await client(deps)
    .get("/nowhere")
    .set("Authorization", "Bearer not-a-real-token")
    .set("Cookie", "session=not-a-real-token")
    .unset("User-Agent");

  expect(deps.lines).toEqual([
    expect.objectContaining({ http_route: "", http_response_status_code: 404, user_agent: "" }),
  ]);
  expect(JSON.stringify(deps.lines)).not.toContain("not-a-real-token");
});

test("a probe writes its line for those who debug", async () => {
  const quiet = testDeps();
  const chatty = testDeps({ LOG_LEVEL: "debug" });
  for (const deps of [quiet, chatty])
    for (const path of ["/health", "/ready", "/metrics"]) await client(deps).get(path);

  expect(quiet.lines).toEqual([]);
  expect(chatty.lines.map(({ level }) => level)).toEqual(["debug", "debug", "debug"]);
});

test("a failure is logged once, with its stack and the ids of its request", async () => {
  const deps = testDeps();
  const answer = await client(deps, [failing(new RangeError("too far"))]).get("/v1/failures");

  const ids = { request_id: answer.headers["x-request-id"], trace_id: answer.headers["x-request-id"] };
  expect(deps.lines).toEqual([
    expect.objectContaining({
      ...ids,
      level: "error",
      message: "request failed",
      error_type: "RangeError",
      error_message: "too far",
      error_stack: expect.stringContaining("logs.test.ts"),
    }),
    expect.objectContaining({ ...ids, level: "error", message: "request completed", http_response_status_code: 500 }),
  ]);
});

test("a refusal logs no stack", async () => {
  const deps = testDeps();
  await client(deps).post("/v1/echoes/x").type("json").send("{");

  expect(deps.lines).toHaveLength(1);
  expect(JSON.stringify(deps.lines)).not.toContain("stack");
});

test.each([
  ["0", "198.51.100.1, 203.0.113.7", "127.0.0.1"],
  ["1", "198.51.100.1, 203.0.113.7", "203.0.113.7"],
  ["2", "198.51.100.1, 203.0.113.7", "198.51.100.1"],
])("with %s trusted hops the client of %s is %s", async (TRUSTED_PROXY_HOPS, forwarded, address) => {
  const deps = testDeps({ TRUSTED_PROXY_HOPS });
  await client(deps).get("/v1/echoes/x").set("X-Forwarded-For", forwarded);

  expect(deps.lines[0]?.client_address).toMatch(new RegExp(`(^|:)${address}$`));
});

test("a client that leaves before it is answered is told from one that was answered", async () => {
  const deps = testDeps();
  const left = Promise.withResolvers<unknown>();
  const server = testServer(deps, [
    echo,
    (router) => {
      router.get("/v1/waits", (_request, response) => {
        response.on("close", left.resolve);
        socket.destroy();
      });
    },
  ]);
  const socket = await open(server);
  socket.write("GET /v1/waits HTTP/1.1\r\nHost: x\r\n\r\n");
  await left.promise;
  server.close();

  expect(deps.lines).toEqual([expect.objectContaining({ level: "info", http_response_status_code: 499 })]);
});
