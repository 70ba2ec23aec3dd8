import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Database } from "../../src/config.ts";
import { connectionOf } from "../../src/db.ts";
import { testConfig } from "./deps.ts";
import { start } from "./process.ts";

/** The variables that name a PostgreSQL server for the tests, if there are any. */
export const databaseEnv = Object.fromEntries(
  ["DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASS", "DB_SSLMODE", "DB_SSLROOTCERT"].flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  }),
);

/** A busy machine is no failure. */
const patience = { DB_CONNECT_TIMEOUT_MS: "30000" };

export type TestDatabase = {
  env: Record<string, string>;
  settings: Database;
  query: (sql: string) => Promise<unknown[]>;
  migrate: () => Promise<void>;
  drop: () => Promise<unknown>;
};

/** An empty schema of its own in that database: suites run side by side and leave nothing behind. */
export async function createDatabase(): Promise<TestDatabase> {
  const settings = testConfig({ ...databaseEnv, ...patience }).database;
  if (!settings) throw new Error("these tests need PostgreSQL: set DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASS");
  const schema = `test_${randomBytes(6).toString("hex")}`;
  // The driver takes what belongs to no setting of the service from here, as psql does.
  process.env.PGOPTIONS = `-c search_path=${schema}`;
  const env = { ...databaseEnv, ...patience, PGOPTIONS: process.env.PGOPTIONS };
  await execute(settings, `CREATE SCHEMA ${schema}`);
  return {
    env,
    settings,
    query: (sql) => execute(settings, sql),
    migrate: async () => {
      const { code, lines } = await start("migrate.ts", env).ended;
      if (code !== 0) throw new Error(JSON.stringify(lines));
    },
    drop: () => execute(settings, `DROP SCHEMA ${schema} CASCADE`),
  };
}

async function execute(settings: Database, sql: string): Promise<unknown[]> {
  const connection = new pg.Client(connectionOf(settings));
  await connection.connect();
  try {
    const { rows } = await connection.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}
