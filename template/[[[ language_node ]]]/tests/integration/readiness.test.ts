import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createDb, type Db } from "../../src/db.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { client, testDeps } from "../support/deps.ts";

const up = { status: "UP", components: { db: { status: "UP" } } };
const down = { status: "DOWN", components: { db: { status: "DOWN" } } };

let database: TestDatabase;
const opened: Db[] = [];
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
  await database.drop();
});

/** A service whose clock goes on by `step` milliseconds whenever it is asked. */
function service(settings = database.settings, step = 1000) {
  const deps = testDeps();
  const db = createDb(settings, deps.metrics);
  opened.push(db);
  let time = 0;
  return { ...deps, db, now: () => new Date((time += step)) };
}

test("a migrated database is up", async () => {
  await database.migrate();

  const answer = await client(service()).get("/ready");

  expect([answer.status, answer.body]).toEqual([200, up]);
});

test("a database is down until it is migrated", async () => {
  const deps = service();
  const before = await client(deps).get("/ready");
  await database.migrate();
  const after = await client(deps).get("/ready");

  expect([before.status, before.headers["retry-after"], before.body]).toEqual([503, "1", down]);
  expect([after.status, after.body]).toEqual([200, up]);
});

test("a migration of a later version does no harm", async () => {
  await database.migrate();
  await database.query("INSERT INTO pgmigrations (name, run_on) VALUES ('9999_later', now())");

  const answer = await client(service()).get("/ready");

  expect(answer.status).toBe(200);
});

test("each change is logged once, with its reason", async () => {
  const deps = service();
  const api = client(deps);
  for (const migrated of [false, false, true, true]) {
    if (migrated) await database.migrate();
    await api.get("/ready");
  }

  const changes = deps.lines.filter(({ message }) => message === "readiness changed");
  expect(changes).toEqual([
    expect.objectContaining({ level: "warn", status: "DOWN", error_message: expect.stringContaining("pgmigrations") }),
    expect.objectContaining({ level: "info", status: "UP" }),
  ]);
});

test("an answer of the database is reused for a second", async () => {
  const api = client(service(database.settings, 400));
  const statuses: number[] = [];
  for (const migrated of [false, true, false, false]) {
    if (migrated) await database.migrate();
    statuses.push((await api.get("/ready")).status);
  }

  expect(statuses).toEqual([503, 503, 503, 200]);
});

test("a database that nobody listens for is down, and no address leaves the service", async () => {
  const deps = service({ ...database.settings, port: 1 });

  const answer = await client(deps).get("/ready");

  expect([answer.status, answer.body]).toEqual([503, down]);
  expect(deps.lines[0]).toMatchObject({
    message: "readiness changed",
    error_message: expect.stringContaining("ECONNREFUSED"),
  });
});

test("a database that does not answer within a second is down", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const deps = service({ ...database.settings, host: "127.0.0.1", port, connectTimeoutMs: 1500 });

  const answer = await client(deps).get("/ready");

  expect([answer.status, answer.body]).toEqual([503, down]);
  expect(deps.lines[0]).toMatchObject({ error_message: "the database did not answer within 1 s" });
  silent.close();
});

test("a service that drains is out of service while its database is up", async () => {
  await database.migrate();
  const deps = service();
  deps.lifecycle.drain();

  const answer = await client(deps).get("/ready");

  expect([answer.status, answer.body]).toEqual([503, { ...up, status: "OUT_OF_SERVICE" }]);
});
