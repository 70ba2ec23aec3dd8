import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { createApp } from "./app.ts";
import { type Config, explain, loadConfig } from "./config.ts";
import { createDb } from "./db.ts";
import { createLifecycle } from "./health.ts";
import { createLog, logListening, logMemoryStore, logShutdown } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { limitedServer } from "./middleware/limits.ts";
import { routes } from "./routes.ts";

const { config, problems } = loadConfig(process.env);
if (config) serve(config);
else fail(explain(problems));

function serve(config: Config): void {
  const log = createLog(config);
  const lifecycle = createLifecycle();
  const metrics = createMetrics(config, lifecycle.active);
  const db = config.database && createDb(config.database, metrics);
  if (!db) logMemoryStore(log);
  const deps = { config, log, metrics, db, lifecycle, now: () => new Date(), newId: () => uuidv7() };
  const server = limitedServer(createApp(deps, routes), deps);

  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  server.on("error", (error) => {
    fail(`cannot listen: ${error.message}`);
  });
  server.listen(config.port, config.host, () => {
    const address = server.address();
    if (typeof address === "object" && address) logListening(log, address.address, address.port);
  });

  function stop(signal: string): void {
    if (lifecycle.draining) process.exit(1);
    logShutdown(log, signal);
    lifecycle.drain();
    void finish();
  }

  async function finish(): Promise<void> {
    await wait(config.shutdownDelayMs);
    setTimeout(() => process.exit(1), config.shutdownTimeoutMs);
    await promisify(server.close.bind(server))();
    await db?.close();
    logShutdown(log);
    process.exit(0);
  }
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
