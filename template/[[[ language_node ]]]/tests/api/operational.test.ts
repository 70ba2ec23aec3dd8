import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { client, problemOf, testDeps } from "../support/deps.ts";

test("the service lives", async () => {
  const answer = await client(testDeps()).get("/health");

  expect([answer.status, answer.text]).toEqual([200, '{"status":"UP"}']);
});

test("on the in-memory store it is ready", async () => {
  const answer = await client(testDeps()).get("/ready");

  expect([answer.status, answer.text]).toEqual([200, '{"status":"UP","components":{}}']);
});

test("while it drains it is alive but out of service", async () => {
  const deps = testDeps();
  deps.lifecycle.drain();

  const ready = await client(deps).get("/ready");
  const health = await client(deps).get("/health");

  expect([ready.status, ready.text]).toEqual([503, '{"status":"OUT_OF_SERVICE","components":{}}']);
  expect(ready.headers["retry-after"]).toBe("1");
  expect(health.status).toBe(200);
});

test("it tells what runs", async () => {
  const answer = await client(testDeps()).get("/version");

  expect(answer.text).toBe('{"service":"anchor-api","version":"1.2.3","commit":"0123abc"}');
});

test("it hands out its contract", async () => {
  const answer = await client(testDeps()).get("/openapi.yaml").buffer();

  expect(answer.headers["content-type"]).toBe("application/yaml");
  expect(answer.text).toBe(readFileSync(new URL("../../api/openapi.yaml", import.meta.url), "utf8"));
});

test("it hands out its metrics as text", async () => {
  const answer = await client(testDeps()).get("/metrics");

  expect(answer.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(answer.text).toContain("# TYPE http_server_request_duration_seconds histogram");
});

test.each(["/health", "/ready", "/version", "/metrics", "/openapi.yaml"])(
  "%s is there to be got alone",
  async (path) => {
    for (const method of ["head", "options", "post", "put", "delete", "patch"] as const) {
      const answer = await client(testDeps())[method](path);
      expect([answer.status, answer.headers.allow]).toEqual([405, "GET"]);
    }
    expect(problemOf(await client(testDeps()).get(`${path}/`))).toEqual([404, "about:blank"]);
  },
);
