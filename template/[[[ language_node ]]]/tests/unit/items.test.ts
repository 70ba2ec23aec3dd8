import { describe, expect, test } from "@jest/globals";
import { encodeCursor, ItemId, ItemInput, ItemPageQuery } from "../../src/items/item.ts";
import { memoryItems } from "../../src/items/memory.ts";
import { itemService } from "../../src/items/service.ts";
import { type Place, Problem, valid } from "../../src/problem.ts";
import { testDeps, testId } from "../support/deps.ts";
import { openapi } from "../support/openapi.ts";

const texts = openapi["x-field-errors"];
const anchor = "⚓"; // one code unit
const ship = "🚢"; // two code units, one code point

function refusal(schema: Parameters<typeof valid>[0], value: unknown, place: Place = "pointer"): unknown {
  try {
    valid(schema, value, place);
    return "accepted";
  } catch (error) {
    return error instanceof Problem ? error.errors : error;
  }
}

function text(code: string, field: string): unknown {
  const entry = texts[code];
  return typeof entry === "string" ? entry : entry?.[field];
}

describe("the name of an item", () => {
  test.each(["a", " ", "x".repeat(200), ship.repeat(200), anchor, "é", "\u0301"])("may be %j", (name) => {
    expect(valid(ItemInput, { name }, "pointer")).toEqual({ name, description: null });
  });

  test.each([
    ["required", undefined],
    ["wrong_type", null],
    ["wrong_type", 7],
    ["wrong_type", ["a"]],
    ["invalid_characters", "a\0b"],
    ["invalid_characters", "\ud800"],
    ["invalid_characters", `\0${"x".repeat(300)}`],
    ["too_short", ""],
    ["too_long", "x".repeat(201)],
    ["too_long", ship.repeat(201)],
  ])("is refused as %s when it is %j", (code, name) => {
    expect(refusal(ItemInput, { name })).toEqual([{ pointer: "#/name", detail: text(code, "name"), code }]);
  });
});

describe("the description of an item", () => {
  test.each([null, "", "x".repeat(2000), ship.repeat(2000)])("may be %j", (description) => {
    expect(valid(ItemInput, { name: "a", description }, "pointer")).toEqual({ name: "a", description });
  });

  test.each([
    ["wrong_type", 7],
    ["wrong_type", {}],
    ["invalid_characters", "\udc00"],
    ["too_long", "x".repeat(2001)],
    ["too_long", ship.repeat(2001)],
  ])("is refused as %s when it is %j", (code, description) => {
    const errors = refusal(ItemInput, { name: "a", description });

    expect(errors).toEqual([{ pointer: "#/description", detail: text(code, "description"), code }]);
  });
});

test("an item that is no object is refused as a whole", () => {
  expect(refusal(ItemInput, [])).toEqual([{ pointer: "#", detail: text("wrong_type", "#"), code: "wrong_type" }]);
});

test("errors come in the order of the schema, unknown fields last", () => {
  const errors = refusal(ItemInput, { zeta: 1, description: 1, id: 1, name: 1 }) as { pointer: string }[];

  expect(errors.map(({ pointer }) => pointer)).toEqual(["#/name", "#/description", "#/id", "#/zeta"]);
});

describe("an id", () => {
  test("is accepted in either case and goes on in lower case", () => {
    const id = "01980000-abcd-7000-8000-00000000000f";

    expect(valid(ItemId, { id: id.toUpperCase() }, "parameter")).toEqual({ id });
  });

  test.each(["1", "", "0198", `${testId(1)}0`, testId(1).replace("0", "g"), testId(1).replaceAll("-", "")])(
    "is not %j",
    (id) => {
      const errors = refusal(ItemId, { id }, "parameter");

      expect(errors).toEqual([{ parameter: "id", detail: texts.not_a_uuid, code: "not_a_uuid" }]);
    },
  );
});

describe("a page", () => {
  test("has 20 items unless it is asked for others", () => {
    expect(valid(ItemPageQuery, {}, "parameter")).toEqual({ limit: 20 });
  });

  test.each(["1", "20", "99", "100"])("may have %s items", (limit) => {
    expect(valid(ItemPageQuery, { limit, other: "ignored" }, "parameter")).toEqual({ limit: Number(limit) });
  });

  test.each(["", "0", "101", "1000", "-1", "+1", "01", "1.0", "1e1", " 1", "٣", ["1", "2"]])(
    "has not %j items",
    (limit) => {
      const errors = refusal(ItemPageQuery, { limit }, "parameter");

      expect(errors).toEqual([{ parameter: "limit", detail: texts.out_of_range, code: "out_of_range" }]);
    },
  );

  test("begins after its cursor", () => {
    const cursor = encodeCursor(testId(1));

    expect(valid(ItemPageQuery, { cursor }, "parameter")).toEqual({ limit: 20, cursor: testId(1) });
  });

  test.each([
    "",
    "anchor",
    testId(1),
    `${encodeCursor(testId(1))}=`,
    encodeCursor("01980000-0000-7000-8000"),
    encodeCursor(testId(1)).toUpperCase(),
    [encodeCursor(testId(1)), encodeCursor(testId(2))],
  ])("does not begin after %j", (cursor) => {
    const errors = refusal(ItemPageQuery, { cursor }, "parameter");

    expect(errors).toEqual([{ parameter: "cursor", detail: texts.invalid_cursor, code: "invalid_cursor" }]);
  });

  test("tells both of its errors, limit first", () => {
    const errors = refusal(ItemPageQuery, { cursor: "x", limit: "x" }, "parameter") as { parameter: string }[];

    expect(errors.map(({ parameter }) => parameter)).toEqual(["limit", "cursor"]);
  });
});

describe("the service", () => {
  const first = new Date("2026-01-01T00:00:00.000Z");
  const later = new Date("2026-01-02T00:00:00.000Z");
  const input = { name: "anchor", description: null };

  test("gives a new item an id and its times", async () => {
    const service = itemService(memoryItems(), testDeps({}, { now: () => first }));

    expect(await service.create(input)).toEqual({ ...input, id: testId(1), created_at: first, updated_at: first });
  });

  test("keeps id and time of creation when an item is replaced", async () => {
    let time = first;
    const service = itemService(memoryItems(), testDeps({}, { now: () => time }));
    const { id } = await service.create(input);
    time = later;

    const replaced = await service.replace(id, { name: "chain", description: "long" });

    expect(replaced).toEqual({ id, name: "chain", description: "long", created_at: first, updated_at: later });
  });

  test("refuses what is absent", async () => {
    const service = itemService(memoryItems(), testDeps());
    const absent = { code: "not_found" };

    await expect(service.get(testId(1))).rejects.toMatchObject(absent);
    await expect(service.replace(testId(1), input)).rejects.toMatchObject(absent);
    await expect(service.delete(testId(1))).rejects.toMatchObject(absent);
  });

  test("leads through all pages by their cursors", async () => {
    const service = itemService(memoryItems(), testDeps());
    for (const name of ["a", "b", "c"]) await service.create({ name, description: null });

    const page = await service.list({ limit: 2 });
    const last = await service.list({ limit: 2, cursor: testId(2) });

    expect(page).toMatchObject({ data: [{ name: "a" }, { name: "b" }], next_cursor: encodeCursor(testId(2)) });
    expect(last).toMatchObject({ data: [{ name: "c" }], next_cursor: null });
  });

  test("has no next page when the last one is full", async () => {
    const service = itemService(memoryItems(), testDeps());
    for (const name of ["a", "b"]) await service.create({ name, description: null });

    expect(await service.list({ limit: 2 })).toMatchObject({ next_cursor: null });
  });
});
