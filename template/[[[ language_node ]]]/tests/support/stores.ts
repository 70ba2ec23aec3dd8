import { createDb, type Db } from "../../src/db.ts";
import { createMetrics } from "../../src/metrics.ts";
import { createDatabase, databaseEnv } from "./database.ts";
import { testConfig } from "./deps.ts";

type Store = { db: Db | undefined; query: (sql: string) => Promise<unknown>; close: () => Promise<unknown> };

const nothing = async () => undefined;
const memory = {
  name: "memory",
  open: async (): Promise<Store> => ({ db: undefined, query: nothing, close: nothing }),
};

const postgres = {
  name: "PostgreSQL",
  async open(): Promise<Store> {
    const { settings, query, migrate, drop } = await createDatabase();
    await migrate();
    const db = createDb(settings, createMetrics(testConfig(), new Set()));
    return { db, query, close: () => db.close().then(drop) };
  },
};

/** Both stores. */
export const everyStore = [memory, postgres];
/** Memory, and PostgreSQL when the DB_ variables name a server. */
export const stores = "DB_HOST" in databaseEnv ? everyStore : [memory];
