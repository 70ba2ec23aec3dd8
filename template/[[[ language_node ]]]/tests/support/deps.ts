import type { Server } from "node:http";
import type { Request, Response } from "express";
import supertest, { type Response as Answer, type Test } from "supertest";
import { createApp, type Deps, type Routes } from "../../src/app.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import { createLifecycle } from "../../src/lifecycle.ts";
import { createLog } from "../../src/log.ts";
import { createMetrics } from "../../src/metrics.ts";
import { allow, jsonBody, limitedServer } from "../../src/middleware/limits.ts";
import { asPromised } from "./openapi.ts";

type Env = Record<string, string>;
export type LogLine = Record<string, unknown>;
export type TestDeps = Deps & { lines: LogLine[] };

export function testConfig(env: Env = {}): Config {
  const service = { SERVICE_NAME: "anchor-api", SERVICE_VERSION: "1.2.3", SERVICE_COMMIT: "0123abc" };
  const { config, problems } = loadConfig({ APP_ENV: "test", ...service, ...env });
  if (!config) throw new Error(problems.join("\n"));
  return config;
}

/** All parts of a service without a socket: its time stands still, its ids are counted, its log is collected. */
export function testDeps(env: Env = {}, own: Partial<Deps> = {}): TestDeps {
  const config = testConfig(env);
  const lines: LogLine[] = [];
  const lifecycle = createLifecycle();
  let ids = 0;
  return {
    config,
    lines,
    lifecycle,
    log: createLog(config, { write: (line) => lines.push(JSON.parse(line) as LogLine) }),
    metrics: createMetrics(config, lifecycle.active),
    db: undefined,
    now: () => new Date("2026-01-02T03:04:05.678Z"),
    newId: () => testId(++ids),
    ...own,
  };
}

export function testId(number: number): string {
  return `01980000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

/** A client of a fresh service; each of its answers is held against api/openapi.yaml. */
export function client(deps: Deps, routes: Routes = [echo]) {
  return supertest.agent(testServer(deps, routes)).use((request: Test) => request.expect(asPromised));
}

export function testServer(deps: Deps, routes: Routes = [echo]): Server {
  return limitedServer(createApp(deps, routes), deps);
}

/** A resource of the tests' own: they stand when the example is deleted. */
export const echo: Routes[number] = (router, deps) => {
  router
    .route("/v1/echoes/:id")
    .all(allow("GET", "POST"))
    .get((request: Request, response: Response) => {
      response.json({ id: request.params.id });
    })
    .post(jsonBody(deps), (request: Request, response: Response) => {
      response.json({ body: request.body as unknown });
    });
};

export function failing(error: unknown): Routes[number] {
  return (router) => {
    router.get("/v1/failures", () => {
      throw error;
    });
  };
}

/** Status, type and the places of the errors. */
export function problemOf({ status, body }: Answer): [status: number, type: unknown, places?: unknown[]] {
  const problem = body as { type: unknown; errors?: { pointer?: string; parameter?: string }[] };
  const places = problem.errors?.map(({ pointer, parameter }) => pointer ?? parameter);
  return places ? [status, problem.type, places] : [status, problem.type];
}
