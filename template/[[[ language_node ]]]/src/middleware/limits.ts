import { createServer, type RequestListener, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { MIMEType } from "node:util";
import express, { type Request, type RequestHandler } from "express";
import type { Deps } from "../app.ts";
import { operational } from "../metrics.ts";
import { Problem, type ProblemCode, problemText, problems, sendProblem } from "../problem.ts";
import { staticHeaders } from "./headers.ts";
import { identify } from "./observe.ts";

/** Stands first in a route: Express by itself lets GET answer HEAD, and answers OPTIONS. */
export function allow(...methods: string[]): RequestHandler {
  const offered = methods.join(", ");
  return (request, response, next) => {
    if (!methods.includes(request.method)) {
      response.setHeader("Allow", offered);
      throw new Problem("method_not_allowed");
    }
    next();
  };
}

/** Refuses what the HTTP parser lets through, and bounds how many requests are served and how long each may take. */
export function limits({ config, lifecycle }: Deps): RequestHandler {
  return (request, response, next) => {
    if (!isReadable(request)) throw new Problem("bad_request");
    if (lifecycle.active.size > config.maxInFlight && !operational.has(request.path)) throw new Problem("unavailable");
    const deadline = setTimeout(() => {
      if (!request.complete) response.setHeader("Connection", "close");
      sendProblem(request, response, new Problem(request.complete ? "timeout" : "request_timeout"));
    }, config.requestTimeoutMs);
    response.on("close", () => {
      clearTimeout(deadline);
    });
    next();
  };
}

function isReadable({ headers, httpVersion, path }: Request): boolean {
  if (headers.host === undefined && httpVersion !== "1.0") return false;
  if (!path.includes("%")) return true;
  try {
    return decodeURIComponent(path) !== "";
  } catch {
    return false;
  }
}

/** Reads a JSON body, refusing in the order of the contract: media type, size, syntax. */
export function jsonBody({ config }: Deps): RequestHandler[] {
  const limit = config.maxBodyBytes;
  return [
    (request, _response, next) => {
      if (!isPlainJson(request)) throw new Problem("unsupported_media_type");
      if (Number(request.headers["content-length"]) > limit) throw new Problem("body_too_large");
      next();
    },
    express.raw({ limit, inflate: false, type: () => true }),
    (request, _response, next) => {
      request.body = parsed(request.body);
      next();
    },
  ];
}

function isPlainJson({ headers }: Request): boolean {
  if (headers["content-encoding"] !== undefined) return false;
  try {
    const { essence, params } = new MIMEType(headers["content-type"] ?? "");
    return essence === "application/json" && /^utf-?8$/i.test(params.get("charset") ?? "utf-8");
  } catch {
    return false;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parsed(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? utf8.decode(body) : "");
  } catch {
    throw new Problem("malformed_json");
  }
}

const codes: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
};

export function limitedServer(app: RequestListener, deps: Deps): Server {
  const options = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: 5_000,
    requestTimeout: 15_000,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: 75_000,
    // Node would answer these two by itself, without a problem document.
    requireHostHeader: false,
  };
  const server = createServer(options, app);
  server.on("checkExpectation", app);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const answering = [...deps.lifecycle.active].some((response) => response.socket === socket);
    if (answering || !socket.writable) socket.destroy();
    else refuse(socket, codes[error.code ?? ""] ?? "bad_request", deps);
  });
  return server;
}

/** Below the router there is no response to write to. */
function refuse(socket: Duplex, code: ProblemCode, { config }: Deps): void {
  const { context, traceparent } = identify({});
  const body = problemText(new Problem(code), "", context.request_id);
  const head = [
    `HTTP/1.1 ${String(problems[code].status)} ${problems[code].title}`,
    `X-Request-Id: ${context.request_id}`,
    `traceparent: ${traceparent}`,
    ...staticHeaders(config).map(([name, value]) => `${name}: ${value}`),
    "Content-Type: application/problem+json",
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  // Closing at once would reset the connection before the client has read why.
  setTimeout(() => socket.destroy(), 1_000).unref();
}
