import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { Database } from "./config.ts";
import type { Metrics } from "./metrics.ts";
import { Problem } from "./problem.ts";

export type Db = ReturnType<typeof createDb>;

export const migrationsFolder = fileURLToPath(new URL("../migrations/", import.meta.url));

/** The pool connects when it is first asked: the service starts without a reachable database. */
export function createDb(database: Database, metrics: Metrics) {
  const files = readdirSync(migrationsFolder).filter((file) => file.endsWith(".sql"));
  const needed = files.map((file) => file.replace(/\.sql$/, ""));
  const pool = new pg.Pool({
    ...connectionOf(database),
    max: database.poolMax,
    connectionTimeoutMillis: database.connectTimeoutMs,
    statement_timeout: database.statementTimeoutMs,
    // The server's own time-out does not help when the server is out of reach.
    query_timeout: database.statementTimeoutMs + 1000,
  });
  // The pool replaces a connection that breaks while idle; one that breaks in use fails its query.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  metrics.watchPool(() => ({
    idle: pool.idleCount,
    used: pool.totalCount - pool.idleCount,
    max: database.poolMax,
    pending: pool.waitingCount,
  }));

  async function connect(): Promise<pg.PoolClient> {
    try {
      return await pool.connect();
    } catch (cause) {
      if (cause instanceof Error && cause.message.includes("timeout")) metrics.connectionTimedOut();
      throw new Problem("unavailable", { cause });
    }
  }

  async function query<Row extends pg.QueryResultRow>(
    operation: string,
    collection: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    const client = await connect();
    const started = performance.now();
    let failure: unknown;
    try {
      return (await client.query<Row>(text, values)).rows;
    } catch (error) {
      failure = error;
      throw problemOf(error);
    } finally {
      client.release(failure !== undefined && (!(failure instanceof pg.DatabaseError) || isGoingDown(failure)));
      metrics.queryEnded(operation, collection, errorType(failure), (performance.now() - started) / 1000);
    }
  }

  return {
    query,

    /** Fails when the database does not answer or lacks a migration that this code needs. */
    async ping(): Promise<void> {
      const rows = await query<{ name: string }>("SELECT", "pgmigrations", "SELECT name FROM pgmigrations", []);
      const applied = new Set(rows.map((row) => row.name));
      const missing = needed.filter((name) => !applied.has(name));
      if (missing.length > 0) throw new Error(`migrations are not applied: ${missing.join(", ")}`);
    },

    close: () => pool.end(),
  };
}

export function connectionOf(database: Database): pg.ClientConfig {
  const { host, port, name, user, pass, sslmode, ca } = database;
  const plain = sslmode === "disable" || host.startsWith("/");
  return {
    host,
    port,
    database: name,
    user,
    password: pass,
    // Without `host` the certificate of a database with an address for a name is checked against "localhost".
    ssl: plain ? false : { ca, host, rejectUnauthorized: sslmode === "verify-full" },
  };
}

/** The server's own refusals come as DatabaseError; a broken connection comes in many shapes. */
function problemOf(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    if (error.code === "57014") return new Problem("timeout", { cause: error });
    return isGoingDown(error) ? new Problem("unavailable", { cause: error }) : error;
  }
  if (error instanceof TypeError) return error;
  const late = error instanceof Error && error.message === "Query read timeout";
  return new Problem(late ? "timeout" : "unavailable", { cause: error });
}

/** The server ends the connection, or cannot serve it. */
function isGoingDown({ code }: pg.DatabaseError): boolean {
  return /^(08|53|57P)/.test(code ?? "");
}

function errorType(error: unknown): string {
  if (error === undefined) return "";
  return error instanceof pg.DatabaseError ? (error.code ?? error.name) : "connection";
}
