import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Response } from "express";
import type { Config } from "./config.ts";

export type PoolStatistics = { idle: number; used: number; max: number; pending: number };
export type Metrics = ReturnType<typeof createMetrics>;

const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const queryBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]);

/** What platforms and operators ask: neither counted nor limited. */
export const operational = new Set(["/health", "/ready", "/metrics", "/version", "/openapi.yaml"]);

export function createMetrics(config: Config, active: ReadonlySet<Response>) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "target_info",
    help: "What runs.",
    labelNames: [
      "service_name",
      "service_version",
      "vcs_ref_head_revision",
      "deployment_environment_name",
      "telemetry_sdk_language",
    ],
    registers,
  }).set(
    {
      service_name: config.serviceName,
      service_version: config.serviceVersion,
      vcs_ref_head_revision: config.serviceCommit,
      deployment_environment_name: config.appEnv,
      telemetry_sdk_language: "nodejs",
    },
    1,
  );

  const duration = new Histogram({
    name: "http_server_request_duration_seconds",
    help: "Duration of requests.",
    labelNames: ["http_request_method", "http_route", "http_response_status_code"],
    buckets: requestBuckets,
    registers,
  });
  const inFlight = new Map<string, number>();
  new Gauge({
    name: "http_server_active_requests",
    help: "Requests that are being served.",
    labelNames: ["http_request_method"],
    registers,
    collect() {
      for (const method of inFlight.keys()) inFlight.set(method, 0);
      for (const { req } of active) {
        const method = methodOf(req.method);
        if (!operational.has(req.path)) inFlight.set(method, (inFlight.get(method) ?? 0) + 1);
      }
      for (const [method, count] of inFlight) this.set({ http_request_method: method }, count);
    },
  });

  const operations = new Histogram({
    name: "db_client_operation_duration_seconds",
    help: "Duration of database operations.",
    labelNames: ["db_operation_name", "db_collection_name", "error_type"],
    buckets: queryBuckets,
    registers: [],
  });
  const timeouts = new Counter({
    name: "db_client_connection_timeouts_total",
    help: "Waits for a connection that took too long.",
    labelNames: ["db_client_connection_pool_name"],
    registers: [],
  });

  const children = new Map<string, Histogram.Internal<string>>();

  return {
    registry,

    /** The series that burn an error budget exist from the first scrape, so that a first error is an increase. */
    expectRoute(method: string, route: string) {
      duration.zero({ http_request_method: method, http_route: route, http_response_status_code: 500 });
      inFlight.set(method, 0);
    },

    requestEnded(method: string, path: string, route: string, status: number, seconds: number) {
      if (operational.has(path)) return;
      const name = methodOf(method);
      const key = `${name} ${String(status)} ${route}`;
      let child = children.get(key);
      if (!child) children.set(key, (child = duration.labels(name, route, String(status))));
      child.observe(seconds);
    },

    queryEnded(operation: string, collection: string, error: string, seconds: number) {
      operations.labels(operation, collection, error).observe(seconds);
    },

    connectionTimedOut() {
      timeouts.inc({ db_client_connection_pool_name: "main" });
    },

    watchPool(statistics: () => PoolStatistics) {
      const pool = { db_client_connection_pool_name: "main" };
      const gauge = (name: string, help: string, labels: string[], collect: (gauge: Gauge) => void) =>
        new Gauge({
          name: `db_client_connection_${name}`,
          help,
          labelNames: ["db_client_connection_pool_name", ...labels],
          registers,
          collect() {
            collect(this);
          },
        });
      registry.registerMetric(operations);
      registry.registerMetric(timeouts);
      timeouts.inc(pool, 0);
      gauge("count", "Connections by state.", ["db_client_connection_state"], (count) => {
        count.set({ ...pool, db_client_connection_state: "idle" }, statistics().idle);
        count.set({ ...pool, db_client_connection_state: "used" }, statistics().used);
      });
      gauge("max", "Connections the pool may open.", [], (max) => {
        max.set(pool, statistics().max);
      });
      gauge("pending_requests", "Requests that wait for a connection.", [], (pending) => {
        pending.set(pool, statistics().pending);
      });
    },
  };
}

function methodOf(method: string): string {
  return knownMethods.has(method) ? method : "_OTHER";
}
