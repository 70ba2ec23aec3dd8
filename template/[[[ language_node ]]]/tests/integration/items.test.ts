import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createDb } from "../../src/db.ts";
import type { Item } from "../../src/items/item.ts";
import { memoryItems } from "../../src/items/memory.ts";
import { postgresItems } from "../../src/items/postgres.ts";
import type { ItemRepository } from "../../src/items/repository.ts";
import { createDatabase } from "../support/database.ts";
import { testDeps, testId } from "../support/deps.ts";
import { everyStore } from "../support/stores.ts";

const time = new Date("2026-01-02T03:04:05.678Z");
const later = new Date("2026-01-02T03:04:05.679Z");

function item(number: number, own: Partial<Item> = {}): Item {
  const name = `item ${String(number)}`;
  return { id: testId(number), name, description: null, created_at: time, updated_at: time, ...own };
}

describe.each(everyStore)("items in $name", ({ open }) => {
  let store: Awaited<ReturnType<typeof open>>;
  let items: ItemRepository;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await store.query("TRUNCATE items");
    items = store.db ? postgresItems(store.db) : memoryItems();
  });
  afterAll(() => store.close());

  test("an item comes back as it was kept, members in order", async () => {
    const kept = item(1, { description: "a\u0301 🚢 ' \\ %s\n" });
    await items.insert(kept);

    expect(await items.get(kept.id)).toEqual(kept);
    expect(JSON.stringify(await items.get(kept.id))).toBe(JSON.stringify(kept));
  });

  test("an absent item is no error", async () => {
    expect(await items.get(testId(1))).toBeUndefined();
    expect(await items.replace(testId(1), item(1), later)).toBeUndefined();
    expect(await items.delete(testId(1))).toBe(false);
  });

  test("a page is in the order of ids, not of arrival", async () => {
    for (const number of [3, 1, 2]) await items.insert(item(number));

    expect(await items.list(10, undefined)).toEqual([item(1), item(2), item(3)]);
  });

  test("a page has its limit and begins after an id", async () => {
    for (const number of [1, 2, 3, 4]) await items.insert(item(number));

    expect(await items.list(2, testId(1))).toEqual([item(2), item(3)]);
    expect(await items.list(2, testId(4))).toEqual([]);
  });

  test("a replaced item keeps its id and its time of creation", async () => {
    await items.insert(item(1));

    const replaced = await items.replace(testId(1), { name: "chain", description: "long" }, later);

    expect(replaced).toEqual(item(1, { name: "chain", description: "long", updated_at: later }));
    expect(await items.get(testId(1))).toEqual(replaced);
  });

  test("a name is taken once", async () => {
    await items.insert(item(1, { name: "anchor" }));
    await items.insert(item(2));
    const taken = { code: "conflict", errors: [{ pointer: "#/name", detail: "is already taken", code: "taken" }] };

    await expect(items.insert(item(3, { name: "anchor" }))).rejects.toMatchObject(taken);
    await expect(items.replace(testId(2), item(2, { name: "anchor" }), later)).rejects.toMatchObject(taken);
    expect(await items.list(10, undefined)).toEqual([item(1, { name: "anchor" }), item(2)]);
  });

  test("names are compared exactly", async () => {
    for (const [index, name] of ["anchor", "Anchor", "anchor ", "é", "e\u0301"].entries()) {
      await items.insert(item(index, { name }));
    }

    expect(await items.list(10, undefined)).toHaveLength(5);
  });

  test("an item may be replaced under its own name", async () => {
    await items.insert(item(1, { name: "anchor" }));

    expect(await items.replace(testId(1), { name: "anchor", description: "" }, later)).toMatchObject({
      description: "",
    });
  });

  test("a deleted item is gone, and its name is free", async () => {
    await items.insert(item(1, { name: "anchor" }));

    expect(await items.delete(testId(1))).toBe(true);
    expect(await items.get(testId(1))).toBeUndefined();
    await items.insert(item(2, { name: "anchor" }));
  });

  test("a name given up by a replacement is free", async () => {
    await items.insert(item(1, { name: "anchor" }));
    await items.replace(testId(1), { name: "chain", description: null }, later);

    await items.insert(item(2, { name: "anchor" }));
    await expect(items.insert(item(3, { name: "chain" }))).rejects.toMatchObject({ code: "conflict" });
  });
});

test("a database that lacks the migration of items is down", async () => {
  const database = await createDatabase();
  await database.migrate();
  await database.query("DELETE FROM pgmigrations WHERE name = '0001_create-items'");
  const db = createDb(database.settings, testDeps().metrics);

  await expect(db.ping()).rejects.toThrow("migrations are not applied: 0001_create-items");
  await db.close();
  await database.drop();
});

test("memory holds 10,000 items and tells when it is full", async () => {
  const items = memoryItems();
  for (let number = 0; number < 10_000; number += 1) await items.insert(item(number));

  await expect(items.insert(item(10_000))).rejects.toMatchObject({ code: "storage_full" });
  await items.delete(testId(0));
  await items.insert(item(10_000));
});
