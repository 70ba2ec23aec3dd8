import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Item, ItemPage } from "../../src/items/item.ts";
import type { ItemRepository } from "../../src/items/repository.ts";
import { itemRoutes } from "../../src/items/routes.ts";
import { itemService } from "../../src/items/service.ts";
import { Problem } from "../../src/problem.ts";
import { routes } from "../../src/routes.ts";
import { client, problemOf, testDeps, testId } from "../support/deps.ts";
import { answered, promised } from "../support/openapi.ts";
import { stores } from "../support/stores.ts";

const first = "2026-01-02T03:04:05.678Z";
const later = "2026-02-03T04:05:06.000Z";
const absent = `/v1/items/${testId(999)}`;

describe.each(stores)("items in $name", ({ open }) => {
  let store: Awaited<ReturnType<typeof open>>;
  let api: ReturnType<typeof client>;
  let time: string;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await store.query("TRUNCATE items");
    time = first;
    api = client(testDeps({ MAX_BODY_BYTES: "9000" }, { db: store.db, now: () => new Date(time) }), routes);
  });
  afterAll(() => store.close());

  const create = (name: string, description?: string) => api.post("/v1/items").send({ name, description });

  test("a created item is answered with its place", async () => {
    const answer = await create("anchor");

    const anchor = { id: testId(1), name: "anchor", description: null, created_at: first, updated_at: first };
    expect([answer.status, answer.headers.location]).toEqual([201, `/v1/items/${testId(1)}`]);
    expect(answer.text).toBe(JSON.stringify(anchor));
  });

  test("text is kept as it was sent", async () => {
    const description = " \u0301🚢\\u0041 <&> \n\t ";
    await create(" e\u0301 ", description);

    const answer = await api.get(`/v1/items/${testId(1)}`);

    expect(answer.body).toMatchObject({ name: " e\u0301 ", description });
  });

  test("the longest texts are counted in code points", async () => {
    const answer = await create("🚢".repeat(200), "🚢".repeat(2000));

    expect(answer.status).toBe(201);
  });

  test("an id is accepted in upper case and answered in lower case", async () => {
    const id = "01980000-abcd-7000-8000-00000000000f";
    const deps = testDeps({}, { db: store.db, newId: () => id });
    const named = client(deps, routes);
    await named.post("/v1/items").send({ name: "anchor" });

    const answer = await named.get(`/v1/items/${id.toUpperCase()}`);

    expect((answer.body as Item).id).toBe(id);
  });

  test("a replaced item keeps what the service made", async () => {
    await create("anchor", "heavy");
    time = later;

    const answer = await api.put(`/v1/items/${testId(1)}`).send({ name: "chain" });

    const chain = { id: testId(1), name: "chain", description: null, created_at: first, updated_at: later };
    expect([answer.status, answer.body]).toEqual([200, chain]);
    expect((await api.get(`/v1/items/${testId(1)}`)).body).toEqual(chain);
  });

  test("a deleted item is gone without a word", async () => {
    await create("anchor");

    const deleted = await api.delete(`/v1/items/${testId(1)}`);

    expect([deleted.status, deleted.text, deleted.headers["content-type"]]).toEqual([204, "", undefined]);
    expect(problemOf(await api.get(`/v1/items/${testId(1)}`))).toEqual([404, "about:blank"]);
  });

  test.each(["get", "delete"] as const)("%s of an absent item is not found", async (method) => {
    expect(problemOf(await api[method](absent))).toEqual([404, "about:blank"]);
  });

  test("an absent item cannot be replaced into being", async () => {
    expect(problemOf(await api.put(absent).send({ name: "anchor" }))).toEqual([404, "about:blank"]);
  });

  test("a taken name is answered with a conflict", async () => {
    await create("anchor");
    await create("chain");

    const created = await create("anchor");
    const replaced = await api.put(`/v1/items/${testId(2)}`).send({ name: "anchor" });

    expect(problemOf(created)).toEqual([409, "/problems/conflict", ["#/name"]]);
    expect(problemOf(replaced)).toEqual([409, "/problems/conflict", ["#/name"]]);
  });

  test("an empty store has one empty page", async () => {
    expect((await api.get("/v1/items")).body).toEqual({ data: [], next_cursor: null });
  });

  test("pages lead through all items in the order of their ids", async () => {
    for (const name of ["c", "a", "e", "b", "d"]) await create(name);

    const names: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const answer = await api.get(`/v1/items?limit=2${cursor && `&cursor=${cursor}`}`);
      const page = answer.body as ItemPage;
      names.push(page.data.map(({ name }) => name).join(""));
      cursor = page.next_cursor;
    }

    expect(names).toEqual(["ca", "eb", "d"]);
  });

  test("a page has 20 items unless it is asked for more", async () => {
    for (let number = 1; number <= 21; number += 1) await create(`item ${String(number)}`);

    const pages = await Promise.all([api.get("/v1/items"), api.get("/v1/items?limit=100&unknown=1")]);

    expect(pages.map(({ body }) => (body as ItemPage).data.length)).toEqual([20, 21]);
  });

  test.each([
    ["limit=0", ["limit"]],
    ["limit=101", ["limit"]],
    ["limit=1&limit=2", ["limit"]],
    ["cursor=x", ["cursor"]],
    ["cursor=x&limit=x", ["limit", "cursor"]],
  ])("the page ?%s is refused", async (query, parameters) => {
    const answer = await api.get(`/v1/items?${query}`);

    expect(problemOf(answer)).toEqual([422, "/problems/validation-error", parameters]);
  });

  test("every wrong field is told at once", async () => {
    const answer = await api.post("/v1/items").send({ name: "", description: 7, id: testId(1) });

    expect(problemOf(answer)).toEqual([422, "/problems/validation-error", ["#/name", "#/description", "#/id"]]);
  });

  test("an invalid id is told before an invalid body", async () => {
    const answer = await api.put("/v1/items/anchor").send({ name: "" });

    expect(problemOf(answer)).toEqual([422, "/problems/validation-error", ["id"]]);
  });

  test("a body that is not JSON is told before an invalid id", async () => {
    const answer = await api.put("/v1/items/anchor").set("Content-Type", "application/json").send("{");

    expect(problemOf(answer)).toEqual([400, "/problems/malformed-json"]);
  });

  test.each([
    ["/v1/items", "GET, POST", ["head", "options", "put", "delete", "patch"]],
    ["/v1/items/x", "GET, PUT, DELETE", ["head", "options", "post", "patch"]],
  ] as const)("%s allows %s alone", async (path, allowed, methods) => {
    for (const method of methods) {
      const answer = await api[method](path);
      expect([answer.status, answer.headers.allow]).toEqual([405, allowed]);
    }
  });

  test.each(["/v1/items/", "/V1/items", "/v1/Items", `/v1/items/${testId(1)}/`])(
    "there is nothing at %s",
    async (path) => {
      expect(problemOf(await api.get(path))).toEqual([404, "about:blank"]);
    },
  );

  test("every answer of the OpenAPI document is given", async () => {
    const broken = client(testDeps(), [
      (router, deps) => {
        itemRoutes(router, itemService(outOfReach, deps), deps);
      },
    ]);
    const one = `/v1/items/${testId(1)}`;
    const json = (request: ReturnType<typeof api.post>) => request.set("Content-Type", "application/json");
    const calls: Record<string, () => PromiseLike<unknown>> = {
      "createItem 201": () => create("anchor"),
      "createItem 400": () => json(api.post("/v1/items")).send("{"),
      "createItem 409": () => create("anchor"),
      "createItem 413": () => create("x".repeat(9000)),
      "createItem 415": () => api.post("/v1/items").type("text").send("anchor"),
      "createItem 422": () => create(""),
      "createItem 503": () => broken.post("/v1/items").send({ name: "anchor" }),
      "listItems 200": () => api.get("/v1/items"),
      "listItems 422": () => api.get("/v1/items?limit=x"),
      "listItems 503": () => broken.get("/v1/items"),
      "getItem 200": () => api.get(one),
      "getItem 404": () => api.get(absent),
      "getItem 422": () => api.get("/v1/items/x"),
      "getItem 503": () => broken.get(one),
      "replaceItem 200": () => api.put(one).send({ name: "chain" }),
      "replaceItem 400": () => json(api.put(one)).send("{"),
      "replaceItem 404": () => api.put(absent).send({ name: "rope" }),
      "replaceItem 409": () => create("rope").then(() => api.put(one).send({ name: "rope" })),
      "replaceItem 413": () => api.put(one).send({ name: "x".repeat(9000) }),
      "replaceItem 415": () => api.put(one).type("text").send("anchor"),
      "replaceItem 422": () => api.put(one).send({}),
      "replaceItem 503": () => broken.put(one).send({ name: "anchor" }),
      "deleteItem 404": () => api.delete(absent),
      "deleteItem 422": () => api.delete("/v1/items/x"),
      "deleteItem 503": () => broken.delete(one),
      "deleteItem 204": () => api.delete(one),
    };

    expect(Object.keys(calls).sort()).toEqual(promised("items"));
    answered.clear();
    for (const call of Object.values(calls)) await call();
    expect([...answered].sort()).toEqual(promised("items"));
  });
});

const unavailable = () => Promise.reject(new Problem("unavailable"));
const outOfReach: ItemRepository = {
  list: unavailable,
  get: unavailable,
  insert: unavailable,
  replace: unavailable,
  delete: unavailable,
};
