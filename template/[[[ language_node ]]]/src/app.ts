import express, { type Express, type IRouter } from "express";
import type { Config } from "./config.ts";
import type { Db } from "./db.ts";
import { healthRoutes } from "./health.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { headers } from "./middleware/headers.ts";
import { limits } from "./middleware/limits.ts";
import { observe, openapiPath } from "./middleware/observe.ts";
import { Problem, problemHandler } from "./problem.ts";

/** Everything a part of the service may need; built by the server and by tests only. */
export type Deps = {
  config: Config;
  log: Log;
  metrics: Metrics;
  db: Db | undefined;
  lifecycle: Lifecycle;
  now: () => Date;
  newId: () => string;
};

export type Routes = ((router: IRouter, deps: Deps) => void)[];

export function createApp(deps: Deps, routes: Routes): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.set("trust proxy", deps.config.trustedProxyHops);
  app.enable("case sensitive routing");
  app.enable("strict routing");

  app.use(observe(deps), headers(deps), limits(deps));
  for (const route of routes) route(app, deps);
  for (const { path, stack } of app.router.stack.flatMap((layer) => layer.route ?? [])) {
    for (const { method } of stack) if (method) deps.metrics.expectRoute(method.toUpperCase(), openapiPath(path));
  }
  healthRoutes(app, deps);
  app.use(() => {
    throw new Problem("not_found");
  });
  app.use(problemHandler(deps.log));
  return app;
}
