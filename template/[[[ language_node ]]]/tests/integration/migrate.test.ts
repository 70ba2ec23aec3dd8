import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { start } from "../support/process.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const migrate = (env: Record<string, string>) => start("migrate.ts", { APP_ENV: "test", ...env }).ended;
const applied = () => database.query("SELECT name FROM pgmigrations ORDER BY id");

test("a second run finds nothing to do", async () => {
  const first = await migrate(database.env);
  const migrations = await applied();
  const second = await migrate(database.env);

  expect([first.code, second.code]).toEqual([0, 0]);
  expect(second.lines.map(({ message }) => message)).toEqual(["the database has every migration"]);
  expect(await applied()).toEqual(migrations);
});

test("runs side by side apply each migration once", async () => {
  const runs = await Promise.all([1, 2, 3].map(() => migrate(database.env)));

  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
  const names = (await applied()) as { name: string }[];
  expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
});

test("an older version leaves a newer schema alone", async () => {
  await migrate(database.env);
  await database.query("INSERT INTO pgmigrations (name, run_on) VALUES ('9999_of-a-later-version', now())");
  const migrations = await applied();

  const { code } = await migrate(database.env);

  expect(code).toBe(0);
  expect(await applied()).toEqual(migrations);
});

test("a database that is out of reach fails the run", async () => {
  const { code, lines } = await migrate({ ...database.env, DB_PORT: "1" });

  expect(code).toBe(1);
  expect(lines.at(-1)).toMatchObject({ level: "error", logger: "migrate", message: "migration failed" });
});

test("without a database the run says what to set", async () => {
  const { code, err } = await migrate({});

  expect(code).toBe(1);
  expect(err).toBe("there is no database to migrate: set DATABASE_URL, or DB_HOST, DB_NAME and DB_USER\n");
});
