import { runner } from "node-pg-migrate";
import pg from "pg";
import { explain, loadConfig } from "./config.ts";
import { connectionOf, migrationsFolder } from "./db.ts";
import { createLog, logMigration, logMigrationFailure } from "./log.ts";

const { config, problems } = loadConfig(process.env);
if (!config) fail(explain(problems));
if (!config.database) fail("there is no database to migrate: set DATABASE_URL, or DB_HOST, DB_NAME and DB_USER");

const log = createLog(config);
const logger = {
  info: () => undefined,
  warn: (text: string) => logMigration(log, "warn", text),
  error: (text: string) => logMigration(log, "error", text),
};

const client = new pg.Client(connectionOf(config.database));
try {
  await client.connect();
  const { rows } = await client.query<{ schema: string }>("SELECT current_schema() AS schema");
  const applied = await runner({
    dbClient: client,
    dir: migrationsFolder,
    migrationsSchema: rows[0]?.schema ?? "public",
    migrationsTable: "pgmigrations",
    direction: "up",
    singleTransaction: true,
    // Several instances may start this side by side: the first works, the others wait and find nothing to do.
    advisoryLockMode: "wait",
    logger,
  });
  for (const { name } of applied) logMigration(log, "info", `${name} is applied`);
  logMigration(log, "info", "the database has every migration");
} catch (error) {
  logMigrationFailure(log, error);
  process.exitCode = 1;
} finally {
  await client.end();
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
