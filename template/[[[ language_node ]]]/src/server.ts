import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import { createApp } from "./app.ts";
import { type Config, explain, loadConfig } from "./config.ts";
import { createDb } from "./db.ts";
import { createLifecycle } from "./lifecycle.ts";
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

  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

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
    await closed(server, sockets);
    await db?.close();
    logShutdown(log);
    process.exit(0);
  }
}

/**
 * Node's own `close` of an HTTP server cuts idle connections at once, and loses the requests that are on their way on
 * them: here they have a moment to come in and be told to go elsewhere.
 */
async function closed(server: HttpServer, sockets: Iterable<Socket>): Promise<void> {
  const end = once(server, "close");
  Server.prototype.close.call(server);
  await Promise.race([end, wait(250)]);
  server.closeIdleConnections();
  // To Node, a connection that has never sent a byte is not idle.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  await end;
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
