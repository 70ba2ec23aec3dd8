import { expect, test } from "@jest/globals";
import { z } from "zod";
import { fieldError, Problem, problems, problemText, refusals, valid } from "../../src/problem.ts";
import { openapi } from "../support/openapi.ts";

const schema = z.strictObject(
  { size: z.custom<number>((value) => value !== undefined, refusals.required) },
  refusals.wrong_type("an object"),
);

function errorsOf(value: unknown): unknown {
  try {
    return valid(schema, value, "pointer");
  } catch (error) {
    return error instanceof Problem ? error.errors : error;
  }
}

test("the table of problems is that of the OpenAPI document", () => {
  expect(problems).toEqual(openapi["x-problems"]);
});

test("the refusals of fields are those of the OpenAPI document", () => {
  const texts = Object.entries(refusals).flatMap(([code, refusal]) =>
    typeof refusal === "function" ? [] : [[code, refusal.error]],
  );

  expect(Object.keys(refusals)).toEqual(Object.keys(openapi["x-field-errors"]));
  expect(openapi["x-field-errors"]).toMatchObject(Object.fromEntries(texts) as object);
});

test("a problem is written in the order of the contract", () => {
  const problem = new Problem("conflict", { errors: [fieldError("pointer", ["name"], refusals.taken)] });

  expect(problemText(problem, "/v1/items", "abc")).toBe(
    '{"type":"/problems/conflict","title":"Conflict with an existing resource","status":409,' +
      '"detail":"A value that must be unique is taken.","instance":"/v1/items","request_id":"abc",' +
      '"errors":[{"pointer":"#/name","detail":"is already taken","code":"taken"}]}',
  );
});

test("a problem without errors has no such member", () => {
  expect(problemText(new Problem("not_found"), "/x", "abc")).not.toContain("errors");
});

test("a valid value comes back", () => {
  expect(errorsOf({ size: 1 })).toEqual({ size: 1 });
});

test.each([[null], [[]], ["text"], [1]])("%j as a body is refused as a whole", (body) => {
  expect(errorsOf(body)).toEqual([{ pointer: "#", detail: "must be an object", code: "wrong_type" }]);
});

test("known fields come first, unknown ones after them in alphabetical order", () => {
  const errors = errorsOf(JSON.parse('{"b": 1, "a": 1, "__proto__": 1}')) as { pointer: string }[];

  expect(errors.map(({ pointer }) => pointer)).toEqual(["#/size", "#/__proto__", "#/a", "#/b"]);
});

test("names are escaped in a pointer, not in a parameter", () => {
  expect(fieldError("pointer", ["a/b~c"], refusals.required)).toMatchObject({ pointer: "#/a~1b~0c" });
  expect(fieldError("parameter", ["a/b~c"], refusals.required)).toMatchObject({ parameter: "a/b~c" });
});
