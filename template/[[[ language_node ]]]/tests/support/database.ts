import { randomBytes } from "node:crypto";
import { runner } from "node-pg-migrate";
import pg from "pg";
import type { Database } from "../../src/config.ts";
import { connectionOf, migrationsFolder } from "../../src/db.ts";
import { testConfig } from "./deps.ts";

/** The variables that name a PostgreSQL server for the tests, if there are any. */
export const databaseEnv = Object.fromEntries(
  ["DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASS", "DB_SSLMODE", "DB_SSLROOTCERT"].flatMap((name) => {
    const value = process.env[name];
    return value ? [[name, value]] : [];
  }),
);

export type TestDatabase = {
  env: Record<string, string>;
  settings: Database;
  query: (sql: string) => Promise<unknown[]>;
  drop: () => Promise<void>;
};

/** An empty database of its own: suites run side by side and leave nothing behind. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = testConfig(databaseEnv).database;
  if (!server) throw new Error("these tests need PostgreSQL: set DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASS");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const settings = { ...server, name };
  return {
    env: { ...databaseEnv, DB_NAME: name },
    settings,
    query: (sql) => execute(settings, sql),
    drop: async () => {
      await execute(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

export async function migrate({ settings }: TestDatabase): Promise<void> {
  await runner({
    databaseUrl: connectionOf(settings),
    dir: migrationsFolder,
    migrationsTable: "pgmigrations",
    direction: "up",
    singleTransaction: true,
    log: () => undefined,
  });
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
