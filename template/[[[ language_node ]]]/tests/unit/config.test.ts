import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { explain, loadConfig } from "../../src/config.ts";

const folder = mkdtempSync(join(tmpdir(), "config-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const problemsOf = (env: Record<string, string>) => loadConfig(env).problems;
const database = { DB_HOST: "db.internal", DB_NAME: "orders", DB_USER: "app", DB_PASS: "not-a-real-password" };

test("an empty environment gives the defaults of the contract", () => {
  expect(loadConfig({}).config).toEqual({
    appEnv: "development",
    host: "0.0.0.0",
    port: 8080,
    logLevel: "info",
    serviceName: expect.any(String),
    serviceVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
    serviceCommit: "unknown",
    database: undefined,
    requestTimeoutMs: 15_000,
    maxBodyBytes: 1_048_576,
    maxInFlight: 1000,
    shutdownDelayMs: 0,
    shutdownTimeoutMs: 20_000,
    trustedProxyHops: 0,
  });
});

test("an empty value is an unset one", () => {
  expect(loadConfig({ PORT: "", DATABASE_URL: "" }).config).toMatchObject({ port: 8080, database: undefined });
});

test("every problem is told at once", () => {
  const problems = problemsOf({ PORT: "http", LOG_LEVEL: "loud", DB_NAME: "orders", SERVICE_COMMIT: "HEAD" });

  expect(problems).toEqual([
    "PORT: must be an integer from 0 to 65535",
    "LOG_LEVEL: must be one of debug, info, warn, error",
    "SERVICE_COMMIT: must be 7 to 40 lower-case hexadecimal digits, or unknown",
    "DB_HOST: is required; DB_HOST, DB_NAME, DB_USER belong together",
    "DB_USER: is required; DB_HOST, DB_NAME, DB_USER belong together",
  ]);
});

test("an explanation has one line a problem", () => {
  expect(explain(["PORT: is odd", "HOST: is even"])).toBe("configuration is invalid:\n  PORT: is odd\n  HOST: is even");
});

test.each([
  ["PORT", 0, 65_535],
  ["DB_POOL_MAX", 1, 1000],
  ["DB_CONNECT_TIMEOUT_MS", 1, 600_000],
  ["DB_STATEMENT_TIMEOUT_MS", 1, 600_000],
  ["REQUEST_TIMEOUT_MS", 1, 600_000],
  ["MAX_BODY_BYTES", 1, 104_857_600],
  ["MAX_IN_FLIGHT", 1, 100_000],
  ["SHUTDOWN_DELAY_MS", 0, 600_000],
  ["SHUTDOWN_TIMEOUT_MS", 0, 600_000],
  ["TRUSTED_PROXY_HOPS", 0, 10],
])("%s is an integer from %i to %i", (name, min, max) => {
  const wrong = [`${name}: must be an integer from ${String(min)} to ${String(max)}`];

  expect(problemsOf({ [name]: String(min) })).toBeUndefined();
  expect(problemsOf({ [name]: String(max) })).toBeUndefined();
  for (const value of [String(min - 1), String(max + 1), "1.5", "1e3", " 1", "0x1", "one"]) {
    expect(problemsOf({ [name]: value })).toEqual(wrong);
  }
});

test.each(["", "abc123", "0123ABC", "0".repeat(41), "main"])("%j is no commit", (commit) => {
  expect(loadConfig({ SERVICE_COMMIT: commit }).config?.serviceCommit ?? "refused").toBe(
    commit ? "refused" : "unknown",
  );
});

describe("a file", () => {
  test("holds the value of a variable, without its last line end", () => {
    const { config } = loadConfig({ ...database, DB_PASS: "", DB_PASS_FILE: file("pass", "from-a-file\n") });

    expect(config?.database?.pass).toBe("from-a-file");
  });

  test("beside the variable itself is a problem", () => {
    const problems = problemsOf({ PORT: "1", PORT_FILE: file("port", "2") });

    expect(problems).toEqual(["PORT: is set, and so is PORT_FILE; keep one of them"]);
  });

  test("that cannot be read is a problem", () => {
    expect(problemsOf({ PORT_FILE: join(folder, "absent") })).toEqual(["PORT_FILE: must name a readable file"]);
  });
});

describe("a database", () => {
  test("is named by its parts", () => {
    expect(loadConfig({ ...database, DB_POOL_MAX: "3" }).config?.database).toEqual({
      host: "db.internal",
      port: 5432,
      name: "orders",
      user: "app",
      pass: "not-a-real-password",
      sslmode: "disable",
      ca: undefined,
      poolMax: 3,
      connectTimeoutMs: 3000,
      statementTimeoutMs: 5000,
    });
  });

  test("is named by a URL, whose escapes are undone", () => {
    const url = "postgres://app:p%40ss%2Fword@[::1]:6543/orders?sslmode=require";

    expect(loadConfig({ DATABASE_URL: url }).config?.database).toMatchObject({
      host: "::1",
      port: 6543,
      name: "orders",
      user: "app",
      pass: "p@ss/word",
      sslmode: "require",
    });
  });

  test("may be named twice when both agree", () => {
    const url = "postgresql://app:not-a-real-password@db.internal/orders";

    expect(problemsOf({ ...database, DATABASE_URL: url, DB_PORT: "5432" })).toBeUndefined();
  });

  test("named twice with a difference is a problem that tells no value", () => {
    const url = "postgresql://app:another-password@db.internal/orders";

    const problems = problemsOf({ ...database, DATABASE_URL: url, DB_PORT: "6543" });

    expect(problems).toEqual([
      "DB_PORT: differs from DATABASE_URL; keep one of them",
      "DB_PASS: differs from DATABASE_URL; keep one of them",
    ]);
  });

  test.each(["mysql://app:s3cret@h/d", "postgres://s3cret", "postgres://h/d", "s3cret", "postgres://a:%zz@h/d"])(
    "cannot be named by %s",
    (url) => {
      const problems = problemsOf({ DATABASE_URL: url });

      expect(problems).toEqual(["DATABASE_URL: must look like postgresql://USER:PASSWORD@HOST:PORT/NAME"]);
    },
  );

  test("in the URL has the same transport modes as DB_SSLMODE", () => {
    const problems = problemsOf({ DATABASE_URL: "postgres://a@h/d?sslmode=prefer" });

    expect(problems).toEqual(["DB_SSLMODE: must be one of disable, require, verify-full"]);
  });

  test.each([
    ["development", "disable"],
    ["test", "disable"],
    ["staging", "verify-full"],
    ["production", "verify-full"],
  ])("in %s is reached with %s by default", (APP_ENV, sslmode) => {
    expect(loadConfig({ ...database, APP_ENV }).config?.database?.sslmode).toBe(sslmode);
  });

  test.each(["staging", "production"])("is required in %s", (APP_ENV) => {
    expect(problemsOf({ APP_ENV })).toEqual([
      "DATABASE_URL: is required in staging and production (or DB_HOST, DB_NAME and DB_USER)",
    ]);
  });

  test("is checked against a certificate that must be readable", () => {
    const pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";

    expect(loadConfig({ ...database, DB_SSLROOTCERT: file("ca.pem", pem) }).config?.database?.ca).toBe(pem);
    for (const path of [file("key.pem", "a key"), join(folder, "absent")]) {
      expect(problemsOf({ DB_SSLROOTCERT: path })).toEqual(["DB_SSLROOTCERT: must name a readable PEM file"]);
    }
  });
});
