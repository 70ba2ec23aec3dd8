import { describe, expect, test } from "@jest/globals";
import {
  createLog,
  type Log,
  logFailure,
  logListening,
  logMemoryStore,
  logMigration,
  logReadiness,
  logShutdown,
  requestContext,
} from "../../src/log.ts";
import { testConfig } from "../support/deps.ts";

const context = { request_id: "r-1", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", span_id: "00f067aa0ba902b7" };
const access = {
  context,
  method: "GET",
  path: "/v1/items",
  route: "/v1/items",
  status: 200,
  milliseconds: 1.5,
  client: "192.0.2.1",
  userAgent: "curl/8",
};
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function written(write: (log: Log) => void, LOG_LEVEL = "debug"): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog(testConfig({ LOG_LEVEL }), { write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("the golden line", () => {
  const frame = {
    timestamp: expect.stringMatching(time),
    service_name: "anchor-api",
    service_version: "1.2.3",
    deployment_environment: "test",
  };

  test.each<[string, (log: Log) => void, object]>([
    [
      "server listening",
      (log) => {
        logListening(log, "127.0.0.1", 8080);
      },
      { level: "info", logger: "server", server_address: "127.0.0.1", server_port: 8080 },
    ],
    [
      "no database is configured; items are kept in memory and lost at exit",
      logMemoryStore,
      { level: "warn", logger: "service" },
    ],
    [
      "request completed",
      (log) => {
        log.request(access);
      },
      {
        level: "info",
        logger: "http",
        ...context,
        http_request_method: "GET",
        url_path: "/v1/items",
        http_route: "/v1/items",
        http_response_status_code: 200,
        duration_ms: 1.5,
        client_address: "192.0.2.1",
        user_agent: "curl/8",
      },
    ],
    [
      "request failed",
      (log) => {
        requestContext.run(context, logFailure, log, new RangeError("too far"));
      },
      {
        level: "error",
        logger: "http",
        ...context,
        error_type: "RangeError",
        error_message: "too far",
        error_stack: expect.stringContaining("log.test.ts"),
      },
    ],
    [
      "readiness changed",
      (log) => {
        logReadiness(log, "it does not answer");
      },
      { level: "warn", logger: "health", status: "DOWN", error_message: "it does not answer" },
    ],
    ["readiness changed", logReadiness, { level: "info", logger: "health", status: "UP" }],
    [
      "shutdown started",
      (log) => {
        logShutdown(log, "SIGTERM");
      },
      { level: "info", logger: "server", signal: "SIGTERM" },
    ],
    ["shutdown completed", logShutdown, { level: "info", logger: "server" }],
    [
      "0001_create-items is applied",
      (log) => {
        logMigration(log, "info", "0001_create-items is applied");
      },
      { level: "info", logger: "migrate" },
    ],
  ])("%s", (message, write, fields) => {
    expect(written(write)).toEqual([{ ...frame, ...fields, message }]);
  });
});

describe("the level of a request", () => {
  test.each([
    ["/v1/items", 200, "info"],
    ["/v1/items", 499, "info"],
    ["/v1/items", 500, "error"],
    ["/version", 200, "info"],
    ["/health", 200, "debug"],
    ["/ready", 200, "debug"],
    ["/metrics", 200, "debug"],
    ["/ready", 503, "error"],
  ])("%s with %i is %s", (path, status, level) => {
    expect(
      written((log) => {
        log.request({ ...access, path, status });
      }),
    ).toEqual([expect.objectContaining({ level })]);
  });

  test("decides whether its line is written", () => {
    const write = (log: Log) => {
      log.request(access);
      log.request({ ...access, path: "/health" });
    };

    expect(written(write, "info")).toHaveLength(1);
    expect(written(write, "error")).toHaveLength(0);
  });
});

describe("secrets", () => {
  test.each(["authorization", "Cookie", "password", "DB_PASS"])("under %s are redacted at any depth", (name) => {
    const [line] = written((log) => {
      log.info({ a: { [name]: 'top "secret"', b: 1 }, c: [{ [name]: 7 }] }, "hello");
    });

    expect(line).toMatchObject({ a: { [name]: "[redacted]", b: 1 }, c: [{ [name]: "[redacted]" }], message: "hello" });
  });

  test("in URLs are redacted wherever the URL stands", () => {
    const url = "postgres://app:s3cret@db/orders";
    const lines = written((log) => {
      log.info({ url }, `connecting to ${url}`);
      logFailure(log, new Error(`no answer from ${url}`));
      log.request({ ...access, path: `/${url}`, userAgent: url, client: url });
    });

    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toContain("s3cret");
    expect(lines[0]).toMatchObject({ url: "postgres://[redacted]@db/orders" });
  });
});

test("a line of any part of a request carries its ids", () => {
  const [line] = written((log) => {
    requestContext.run(context, () => {
      log.info({ logger: "orders" }, "paid");
    });
  });

  expect(line).toMatchObject({ ...context, logger: "orders", message: "paid" });
});

test("text from outside cannot break a line", () => {
  const [line] = written((log) => {
    log.request({ ...access, userAgent: '"}\n{', client: '"' });
  });

  expect(line).toMatchObject({ user_agent: '"}\n{', client_address: '"' });
});

test("what is thrown without being an error is logged all the same", () => {
  expect(
    written((log) => {
      logFailure(log, "just text");
    }),
  ).toEqual([expect.objectContaining({ error_type: "Error", error_message: "just text" })]);
});
