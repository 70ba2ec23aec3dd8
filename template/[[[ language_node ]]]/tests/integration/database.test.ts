import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Routes } from "../../src/app.ts";
import { createDb, type Db } from "../../src/db.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { client, problemOf, testDeps } from "../support/deps.ts";

let database: TestDatabase;
const opened: Db[] = [];
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
  await database.drop();
});

function service(settings: Partial<TestDatabase["settings"]> = {}, env: Record<string, string> = {}) {
  const deps = testDeps(env);
  const db = createDb({ ...database.settings, ...settings }, deps.metrics);
  opened.push(db);
  return { ...deps, db };
}

/** Answers with the rows of a statement. */
function asking(sql: string): Routes {
  return [
    (router, { db }) => {
      router.get("/v1/rows", async (_request, response) => {
        response.json(await db?.query("SELECT", "rows", sql, []));
      });
    },
  ];
}

test("a statement gives its rows and is counted", async () => {
  const deps = service();

  const answer = await client(deps, asking("SELECT 1 AS one")).get("/v1/rows");

  expect(answer.body).toEqual([{ one: 1 }]);
  expect(await deps.metrics.registry.metrics()).toContain(
    'db_client_operation_duration_seconds_count{db_operation_name="SELECT",db_collection_name="rows",error_type=""} 1',
  );
});

test("a database out of reach is unavailable", async () => {
  const answer = await client(service({ port: 1 }), asking("SELECT 1")).get("/v1/rows");

  expect([...problemOf(answer), answer.headers["retry-after"]]).toEqual([503, "about:blank", "1"]);
});

test("a login that is refused is unavailable, and its reason stays inside", async () => {
  const answer = await client(service({ name: "absent_database" }), asking("SELECT 1")).get("/v1/rows");

  expect(problemOf(answer)).toEqual([503, "about:blank"]);
  expect(answer.text).not.toContain("absent_database");
});

test("waiting too long for a connection is unavailable and counted", async () => {
  const deps = service({ poolMax: 1, connectTimeoutMs: 100 });
  const api = client(deps, asking("SELECT pg_sleep(1)"));

  const answers = await Promise.all([api.get("/v1/rows"), api.get("/v1/rows")]);

  expect(answers.map(({ status }) => status).sort()).toEqual([200, 503]);
  expect(await deps.metrics.registry.metrics()).toContain(
    'db_client_connection_timeouts_total{db_client_connection_pool_name="main"} 1',
  );
});

test("a statement over its time is a time-out, and its connection goes on", async () => {
  const deps = service({ poolMax: 1, statementTimeoutMs: 100 });

  const slow = await client(deps, asking("SELECT pg_sleep(5)")).get("/v1/rows");
  const quick = await client(deps, asking("SELECT 1 AS one")).get("/v1/rows");

  expect(problemOf(slow)).toEqual([504, "/problems/timeout"]);
  expect(quick.body).toEqual([{ one: 1 }]);
});

test("a request over its time is a time-out though the database still works", async () => {
  const deps = service({}, { REQUEST_TIMEOUT_MS: "100" });

  const answer = await client(deps, asking("SELECT pg_sleep(1)")).get("/v1/rows");

  expect(problemOf(answer)).toEqual([504, "/problems/timeout"]);
});

test("a connection that breaks in use is unavailable, and the next request has another", async () => {
  const deps = service({ poolMax: 1 });

  const broken = await client(deps, asking("SELECT pg_terminate_backend(pg_backend_pid())")).get("/v1/rows");
  const next = await client(deps, asking("SELECT 1 AS one")).get("/v1/rows");

  expect(problemOf(broken)).toEqual([503, "about:blank"]);
  expect(next.body).toEqual([{ one: 1 }]);
});

test("a connection that breaks while idle is replaced", async () => {
  const api = client(service({ poolMax: 1 }), asking("SELECT pg_backend_pid() AS pid"));
  const [before] = (await api.get("/v1/rows")).body as { pid: number }[];

  await database.query(`SELECT pg_terminate_backend(${String(before?.pid)}, 5000)`);
  const answer = await api.get("/v1/rows");

  expect([answer.status, answer.body]).toEqual([200, [{ pid: expect.any(Number) }]]);
  expect(answer.body).not.toEqual([before]);
});

test("a wrong statement is an internal error that is logged once and told to nobody", async () => {
  const deps = service();

  const answer = await client(deps, asking("SELECT wrong FROM nowhere")).get("/v1/rows");

  expect(problemOf(answer)).toEqual([500, "about:blank"]);
  expect(answer.text).not.toContain("nowhere");
  const failures = deps.lines.filter(({ message }) => message === "request failed");
  expect(failures).toEqual([expect.objectContaining({ error_message: 'relation "nowhere" does not exist' })]);
});

test("the pool tells its connections", async () => {
  const deps = service({ poolMax: 2 });
  await client(deps, asking("SELECT 1")).get("/v1/rows");

  const metrics = await deps.metrics.registry.metrics();

  const pool = 'db_client_connection_pool_name="main"';
  expect(metrics).toContain(`db_client_connection_count{${pool},db_client_connection_state="idle"} 1`);
  expect(metrics).toContain(`db_client_connection_count{${pool},db_client_connection_state="used"} 0`);
  expect(metrics).toContain(`db_client_connection_max{${pool}} 2`);
  expect(metrics).toContain(`db_client_connection_pending_requests{${pool}} 0`);
  expect(metrics).toContain(`db_client_connection_timeouts_total{${pool}} 0`);
});
