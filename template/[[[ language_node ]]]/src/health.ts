import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { IRouter, RequestHandler } from "express";
import type { Deps } from "./app.ts";
import type { Db } from "./db.ts";
import type { Status } from "./lifecycle.ts";
import { logReadiness } from "./log.ts";
import { allow } from "./middleware/limits.ts";
import { Problem } from "./problem.ts";

const openapi = new URL("../api/openapi.yaml", import.meta.url);

export function healthRoutes(router: IRouter, deps: Deps): void {
  const { config, metrics } = deps;
  const get = (path: string, handler: RequestHandler) => router.route(path).all(allow("GET")).get(handler);

  get("/health", (_request, response) => {
    response.json({ status: "UP" });
  });
  get("/ready", getReadiness(deps));
  get("/version", (_request, response) => {
    response.json({ service: config.serviceName, version: config.serviceVersion, commit: config.serviceCommit });
  });
  get("/metrics", async (_request, response) => {
    response.set("Content-Type", metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  get("/openapi.yaml", async (_request, response) => {
    response.set("Content-Type", "application/yaml").send(await readFile(openapi));
  });
}

function getReadiness(deps: Deps): RequestHandler {
  const check = deps.db && checkOf(deps.db, deps);

  return async (_request, response) => {
    const readiness = deps.lifecycle.readiness(await check?.());
    if (readiness.status !== "UP") response.status(503).set("Retry-After", "1");
    response.json(readiness);
  };
}

/** However many ask, the database is asked once a second. */
function checkOf(db: Db, { log, now }: Deps): () => Promise<Status> {
  let askedAt = -Infinity;
  let answer: Promise<Status>;
  let previous: Status = "UP";

  async function ask(): Promise<Status> {
    const failure = await failureOf(db);
    const status = failure === undefined ? "UP" : "DOWN";
    if (status !== previous) logReadiness(log, failure);
    previous = status;
    return status;
  }

  return () => {
    const time = now().getTime();
    if (time - askedAt >= 1000) {
      askedAt = time;
      answer = ask();
    }
    return answer;
  };
}

async function failureOf(db: Db): Promise<string | undefined> {
  const tooLate = setTimeout(1000, "the database did not answer within 1 s", { ref: false });
  return Promise.race([db.ping(), tooLate]).then(
    (text) => text ?? undefined,
    (error: unknown) => reasonOf(error),
  );
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Problem ? error.cause : error;
  // A name with several addresses fails once for each.
  return reason instanceof AggregateError ? reason.errors.map(String).join("; ") : String(reason);
}
