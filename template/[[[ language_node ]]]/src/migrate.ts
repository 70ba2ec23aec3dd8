import { runner } from "node-pg-migrate";
import { explain, loadConfig } from "./config.ts";
import { connectionOf, migrationsFolder } from "./db.ts";
import { createLog, logMigration, logMigrationFailure } from "./log.ts";

const { config, problems } = loadConfig(process.env);
if (!config) fail(explain(problems));
if (!config.database) fail("there is no database to migrate: set DATABASE_URL, or DB_HOST, DB_NAME and DB_USER");

const log = createLog(config);
const logger = {
  info: () => undefined,
  warn: (text: string) => {
    logMigration(log, "warn", text);
  },
  error: (text: string) => {
    logMigration(log, "error", text);
  },
};

try {
  const applied = await runner({
    databaseUrl: connectionOf(config.database),
    dir: migrationsFolder,
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
  process.exit(1);
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
