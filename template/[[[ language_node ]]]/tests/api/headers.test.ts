import { expect, test } from "@jest/globals";
import { client, failing, testDeps } from "../support/deps.ts";

const always = {
  "x-service-version": "0123abc",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "x-request-id": expect.stringMatching(/^[0-9a-f]{32}$/),
  traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
};

test.each(["/v1/echoes/x", "/health", "/ready", "/version", "/metrics", "/openapi.yaml", "/nowhere", "/%zz"])(
  "%s carries the headers of every answer",
  async (path) => {
    const { headers } = await client(testDeps()).get(path);

    expect(headers).toMatchObject(always);
    for (const name of ["server", "x-powered-by", "etag"]) expect(headers).not.toHaveProperty(name);
  },
);

test("so does a failure", async () => {
  const { status, headers } = await client(testDeps(), [failing(new Error("cause"))]).get("/v1/failures");

  expect(status).toBe(500);
  expect(headers).toMatchObject(always);
});

test("a request id and a trace that come in go out", async () => {
  const { headers } = await client(testDeps())
    .get("/v1/echoes/x")
    .set("X-Request-Id", "order-7")
    .set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");

  expect(headers["x-request-id"]).toBe("order-7");
  expect(headers.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-00$/);
});

test("a connection is kept, until the service drains", async () => {
  const deps = testDeps();
  const before = await client(deps).get("/v1/echoes/x").set("Connection", "keep-alive");
  deps.lifecycle.drain();
  const after = await client(deps).get("/v1/echoes/x").set("Connection", "keep-alive");

  expect([before.headers.connection, before.headers["keep-alive"]]).toEqual(["keep-alive", "timeout=75"]);
  expect(after.headers.connection).toBe("close");
});

test("an answer under way when the drain begins closes its connection", async () => {
  const deps = testDeps();
  const api = client(deps, [
    (router) => {
      router.get("/v1/drains", (_request, response) => {
        deps.lifecycle.drain();
        response.json({});
      });
    },
  ]);

  const answer = await api.get("/v1/drains").set("Connection", "keep-alive");

  expect(answer.headers.connection).toBe("close");
});
