import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Request, RequestHandler } from "express";
import type { Deps } from "../app.ts";
import { type RequestContext, requestContext } from "../log.ts";

const wantedRequestId = /^[A-Za-z0-9._-]{1,128}$/;
// https://www.w3.org/TR/trace-context/#traceparent-header: ff is no version, zeros are no id, later versions may add fields.
const wantedTraceparent = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/** Gives the request its ids and, when it is over, its log line and its place in the metrics. */
export function observe({ config, lifecycle, log, metrics }: Deps): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const { method, path } = request;
    const client = (config.trustedProxyHops > 0 ? request.ip : request.socket.remoteAddress) ?? "";
    const { context, traceparent } = identify(request.headers);
    response.setHeader("X-Request-Id", context.request_id);
    response.setHeader("traceparent", traceparent);
    lifecycle.active.add(response);

    response.on("close", () => {
      lifecycle.active.delete(response);
      const milliseconds = performance.now() - started;
      // 499: the client left before it was answered.
      const status = response.headersSent ? response.statusCode : 499;
      const route = routeOf(request);
      metrics.requestEnded(method, path, route, status, milliseconds / 1000);
      const userAgent = request.headers["user-agent"] ?? "";
      log.request({ context, method, path, route, status, milliseconds, client, userAgent });
    });
    requestContext.run(context, next);
  };
}

export function identify(headers: IncomingHttpHeaders): { context: RequestContext; traceparent: string } {
  const random = randomHex();
  const span_id = random.slice(32);
  const { trace_id, flags } = parentOf(headers.traceparent) ?? { trace_id: random.slice(0, 32), flags: "01" };
  const wanted = headers["x-request-id"];
  const request_id = typeof wanted === "string" && wantedRequestId.test(wanted) ? wanted : trace_id;
  return { context: { request_id, trace_id, span_id }, traceparent: `00-${trace_id}-${span_id}-${flags}` };
}

function parentOf(header: string | string[] | undefined): { trace_id: string; flags: string } | undefined {
  if (typeof header !== "string") return undefined;
  const [, version, trace_id, flags, more] = wantedTraceparent.exec(header) ?? [];
  if (!trace_id || !flags || (version === "00" && more !== undefined)) return undefined;
  return { trace_id, flags };
}

const digits = 48;
let pool = "";
let used = 0;

/** 24 random bytes; the system is asked once for 256 requests. */
function randomHex(): string {
  if (used === pool.length) {
    pool = randomBytes((digits / 2) * 256).toString("hex");
    used = 0;
  }
  used += digits;
  return pool.slice(used - digits, used);
}

const openapiPaths = new Map<string, string>();

/** `/v1/items/:id` of Express is `/v1/items/{id}` in api/openapi.yaml. */
export function openapiPath(path: string): string {
  let spelled = openapiPaths.get(path);
  if (spelled === undefined) openapiPaths.set(path, (spelled = path.replaceAll(/:(\w+)/g, "{$1}")));
  return spelled;
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  if (typeof route !== "object" || route === null || !("path" in route)) return "";
  return typeof route.path === "string" ? openapiPath(route.path) : "";
}
