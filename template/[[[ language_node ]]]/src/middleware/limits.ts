import { createServer, type RequestListener, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { MIMEType } from "node:util";
import type { Request, RequestHandler, Response } from "express";
import rawBody from "raw-body";
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
      if (request.complete) sendProblem(request, response, new Problem("timeout"));
      else giveUp(response, new Problem("request_timeout"));
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
export function jsonBody({ config }: Deps): RequestHandler {
  return async (request, _response, next) => {
    if (!isPlainJson(request)) throw new Problem("unsupported_media_type");
    const length = request.headers["content-length"] ?? null;
    request.body = parsed(await rawBody(request, { length, limit: config.maxBodyBytes }));
    next();
  };
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

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body));
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
    const problem = new Problem(codes[error.code ?? ""] ?? "bad_request");
    const response = [...deps.lifecycle.active].find((active) => active.socket === socket);
    if (response) giveUp(response, problem);
    else if (socket.writable) refuse(socket, problem, deps);
    else socket.destroy();
  });
  return server;
}

/** Of a request that did not arrive whole, nobody knows where the next one would begin. */
function giveUp(response: Response, problem: Problem): void {
  if (!response.headersSent) response.set("Connection", "close");
  sendProblem(response.req, response, problem);
}

/** What never became a request has no response to write to. */
function refuse(socket: Duplex, problem: Problem, { config }: Deps): void {
  const { context, traceparent } = identify({});
  const body = problemText(problem, "", context.request_id);
  const { status, title } = problems[problem.code];
  const head = [
    `HTTP/1.1 ${String(status)} ${title}`,
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
