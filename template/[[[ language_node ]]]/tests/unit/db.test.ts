import { expect, test } from "@jest/globals";
import { connectionOf } from "../../src/db.ts";
import { testConfig } from "../support/deps.ts";

function sslOf(DB_SSLMODE: string, DB_HOST = "db.internal"): unknown {
  const { database } = testConfig({ DB_HOST, DB_NAME: "orders", DB_USER: "app", DB_SSLMODE });
  return database && connectionOf(database).ssl;
}

test("a disabled transport is plain", () => {
  expect(sslOf("disable")).toBe(false);
});

test("a socket in the file system needs no encryption", () => {
  expect(sslOf("verify-full", "/var/run/postgresql")).toBe(false);
});

test("a required transport is encrypted but not verified", () => {
  expect(sslOf("require")).toMatchObject({ rejectUnauthorized: false });
});

test("a fully verified transport checks certificate and name", () => {
  expect(sslOf("verify-full")).toMatchObject({ rejectUnauthorized: true, host: "db.internal" });
});
