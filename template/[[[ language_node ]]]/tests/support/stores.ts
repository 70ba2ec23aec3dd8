import { createDb, type Db } from "../../src/db.ts";
import { createMetrics } from "../../src/metrics.ts";
import { createDatabase, databaseEnv, migrate } from "./database.ts";
import { testConfig } from "./deps.ts";

type Store = { db: Db | undefined; clear: () => Promise<unknown>; close: () => Promise<unknown> };

const memory = {
  name: "memory",
  open: async (): Promise<Store> => ({ db: undefined, clear: async () => undefined, close: async () => undefined }),
};

const postgres = {
  name: "PostgreSQL",
  async open(): Promise<Store> {
    const database = await createDatabase();
    await migrate(database);
    const db = createDb(database.settings, createMetrics(testConfig(), new Set()));
    return {
      db,
      clear: () => database.query("TRUNCATE items"),
      close: () => db.close().then(database.drop),
    };
  },
};

/** Both stores. */
export const everyStore = [memory, postgres];
/** Memory, and PostgreSQL when the DB_ variables name a server. */
export const stores = "DB_HOST" in databaseEnv ? everyStore : [memory];
