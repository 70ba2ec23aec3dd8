import { AsyncLocalStorage } from "node:async_hooks";
import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "./config.ts";

export type RequestContext = { request_id: string; trace_id: string; span_id: string };
export type Access = {
  context: RequestContext;
  method: string;
  path: string;
  route: string;
  status: number;
  milliseconds: number;
  client: string;
  userAgent: string;
};
export type Log = Logger & { request: (access: Access) => void };

/** Gives every line that is written while a request is served the ids of that request. */
export const requestContext = new AsyncLocalStorage<RequestContext>();

const probes = new Set(["/health", "/ready", "/metrics"]);
const secret = /("(?:authorization|cookie|password|DB_PASS)":)(?:"(?:[^"\\]|\\.)*"|[^,}\]]+)/gi;
const urlCredentials = /:\/\/[^\s/?#"\\]*@/g;

/**
 * The lines of one turn of the event loop leave in one write: a system call for each would take a third of a cheap
 * request. What is left goes out at exit, after an uncaught error too.
 */
function stdout(): DestinationStream {
  const file = pino.destination({ sync: true });
  let lines = "";
  const flush = () => {
    if (lines !== "") file.write(lines);
    lines = "";
  };
  process.on("exit", flush);
  return {
    write(line) {
      if (lines === "") setImmediate(flush);
      lines += line;
    },
  };
}

export function createLog(config: Config, destination = stdout()): Log {
  const service = {
    service_name: config.serviceName,
    service_version: config.serviceVersion,
    deployment_environment: config.appEnv,
  };
  const log = pino(
    {
      level: config.logLevel,
      messageKey: "message",
      base: service,
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      mixin: () => ({ logger: "service", ...requestContext.getStore() }),
      // One pass over the finished line finds a secret at any depth.
      hooks: { streamWrite: (line) => withoutCredentials(line.replace(secret, '$1"[redacted]"')) },
    },
    destination,
  );

  const constant = JSON.stringify({ ...service, logger: "http", message: "request completed" }).slice(1);
  return Object.assign(log, {
    /** The one line that each request writes is put together by hand: pino would take a sixth of a cheap request. */
    request({ context, method, path, route, status, milliseconds, client, userAgent }: Access): void {
      const level = status >= 500 ? "error" : probes.has(path) ? "debug" : "info";
      if (!log.isLevelEnabled(level)) return;
      destination.write(
        `{"level":"${level}","timestamp":"${new Date().toISOString()}",` +
          `"request_id":"${context.request_id}","trace_id":"${context.trace_id}","span_id":"${context.span_id}",` +
          `"http_request_method":"${method}","url_path":${quoted(path)},"http_route":"${route}",` +
          `"http_response_status_code":${String(status)},"duration_ms":${String(milliseconds)},` +
          `"client_address":${quoted(client)},"user_agent":${quoted(userAgent)},${constant}\n`,
      );
    },
  });
}

function quoted(text: string): string {
  return JSON.stringify(withoutCredentials(text));
}

function withoutCredentials(text: string): string {
  return text.includes("://") ? text.replace(urlCredentials, "://[redacted]@") : text;
}

export function logListening(log: Log, address: string, port: number): void {
  log.info({ logger: "server", server_address: address, server_port: port }, "server listening");
}

export function logMemoryStore(log: Log): void {
  log.warn("no database is configured; items are kept in memory and lost at exit");
}

export function logFailure(log: Log, error: unknown): void {
  log.error({ logger: "http", ...fieldsOf(error) }, "request failed");
}

export function logMigration(log: Log, level: "info" | "warn" | "error", text: string): void {
  log[level]({ logger: "migrate" }, text);
}

export function logMigrationFailure(log: Log, error: unknown): void {
  log.error({ logger: "migrate", ...fieldsOf(error) }, "migration failed");
}

function fieldsOf(error: unknown) {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { error_type: name, error_message: message, error_stack: stack ?? "" };
}

export function logReadiness(log: Log, failure?: string): void {
  if (failure === undefined) log.info({ logger: "health", status: "UP" }, "readiness changed");
  else log.warn({ logger: "health", status: "DOWN", error_message: failure }, "readiness changed");
}

export function logShutdown(log: Log, signal?: string): void {
  if (signal === undefined) log.info({ logger: "server" }, "shutdown completed");
  else log.info({ logger: "server", signal }, "shutdown started");
}
