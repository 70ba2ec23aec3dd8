import { expect, test } from "@jest/globals";
import { identify, openapiPath } from "../../src/middleware/observe.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";

test("a request without ids begins a trace", () => {
  const { context, traceparent } = identify({});

  expect(context.trace_id).toMatch(/^[0-9a-f]{32}$/);
  expect(context.request_id).toBe(context.trace_id);
  expect(traceparent).toBe(`00-${context.trace_id}-${context.span_id}-01`);
});

test("no two requests share an id", () => {
  const contexts = Array.from({ length: 1000 }, () => identify({}).context);

  expect(new Set(contexts.map(({ trace_id }) => trace_id)).size).toBe(1000);
  expect(new Set(contexts.map(({ span_id }) => span_id)).size).toBe(1000);
});

test.each([`00-${traceId}-${parentId}-00`, `00-${traceId}-${parentId}-01`, `cc-${traceId}-${parentId}-01-later`])(
  "%s is continued with a new span",
  (header) => {
    const { context, traceparent } = identify({ traceparent: header });

    expect(context.trace_id).toBe(traceId);
    expect(context.span_id).not.toBe(parentId);
    expect(traceparent).toBe(`00-${traceId}-${context.span_id}-${header.slice(53, 55)}`);
  },
);

test.each([
  "",
  "garbage",
  `ff-${traceId}-${parentId}-01`,
  `00-${"0".repeat(32)}-${parentId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId}-${parentId}-01-more`,
  `00-${traceId.toUpperCase()}-${parentId}-01`,
  `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`,
])("the traceparent %j begins a trace", (traceparent) => {
  expect(identify({ traceparent }).context.trace_id).not.toBe(traceId);
});

test.each(["a", "A-Z_0.9", "x".repeat(128)])("the request id %s is kept", (id) => {
  expect(identify({ "x-request-id": id }).context.request_id).toBe(id);
});

test.each(["", "a b", "a,b", "é", "x".repeat(129)])("the request id %j is replaced by the trace id", (id) => {
  const { request_id, trace_id } = identify({ "x-request-id": id }).context;

  expect(request_id).toBe(trace_id);
});

test("a route is spelled as in the OpenAPI document", () => {
  expect(openapiPath("/v1/items/:id/parts/:part")).toBe("/v1/items/{id}/parts/{part}");
});
