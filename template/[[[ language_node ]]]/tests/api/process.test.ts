import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "@jest/globals";
import { start, startServer } from "../support/process.ts";
import { received } from "../support/raw.ts";

/** A request on an accepted connection, of which the last line is still to come. */
async function begun(port: number) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET /health HTTP/1.1\r\nHost: x\r\n");
  return socket;
}

const messages = (lines: Record<string, unknown>[]) => lines.map(({ message }) => message);

test("a server without a database warns, listens and says where", async () => {
  const server = await startServer();

  const answer = await fetch(`${server.url}/health`);

  expect(answer.status).toBe(200);
  expect(await server.line("server listening")).toMatchObject({
    server_address: "127.0.0.1",
    server_port: server.port,
  });
  expect(await server.line("no database is configured; items are kept in memory and lost at exit")).toMatchObject({
    level: "warn",
  });
});

test("a wrong configuration is told on stderr, and nothing is opened", async () => {
  const { code, lines, err } = await start("server.ts", { PORT: "http", APP_ENV: "production" }).ended;

  expect([code, lines]).toEqual([1, []]);
  expect(err).toBe(
    "configuration is invalid:\n" +
      "  PORT: must be an integer from 0 to 65535\n" +
      "  DATABASE_URL: is required in staging and production (or DB_HOST, DB_NAME and DB_USER)\n",
  );
});

test("a port in use is told in a sentence", async () => {
  const { port } = await startServer();

  const { code, err } = await start("server.ts", { HOST: "127.0.0.1", PORT: String(port) }).ended;

  expect(code).toBe(1);
  expect(err).toMatch(/^cannot listen: .*EADDRINUSE.*\n$/);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends an idle server at once", async (signal) => {
  const server = await startServer();
  await fetch(`${server.url}/health`);
  server.signal(signal);

  const { code, lines } = await server.ended;

  expect(code).toBe(0);
  expect(messages(lines).slice(-2)).toEqual(["shutdown started", "shutdown completed"]);
  expect(lines.at(-2)).toMatchObject({ signal });
});

test("a connection on which nothing was ever sent does not hold the end up", async () => {
  const server = await startServer();
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  server.signal("SIGTERM");

  expect((await server.ended).code).toBe(0);
});

test("a request on an idle connection that comes just after the signal is answered", async () => {
  const server = await startServer();
  const socket = connect(server.port, "127.0.0.1");
  const request = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
  socket.write(request);
  await once(socket, "data");
  server.signal("SIGTERM");
  await server.line("shutdown started");

  socket.write(request);

  expect(await received(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n/);
  expect((await server.ended).code).toBe(0);
});

test("a request that has begun is answered before the end", async () => {
  const server = await startServer();
  const socket = await begun(server.port);
  server.signal("SIGTERM");
  await server.line("shutdown started");

  socket.write("\r\n");
  const answer = await received(socket);

  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toContain("\r\nConnection: close\r\n");
  expect((await server.ended).code).toBe(0);
});

test("for the delay everything is served, and readiness tells the end", async () => {
  const server = await startServer({ SHUTDOWN_DELAY_MS: "600000" });
  server.signal("SIGTERM");
  await server.line("shutdown started");

  const [ready, health] = await Promise.all([fetch(`${server.url}/ready`), fetch(`${server.url}/health`)]);

  expect([ready.status, await ready.json()]).toEqual([503, { status: "OUT_OF_SERVICE", components: {} }]);
  expect([health.status, health.headers.get("connection")]).toEqual([200, "close"]);
});

test("a second signal ends the server without patience", async () => {
  const server = await startServer();
  await begun(server.port);
  server.signal("SIGTERM");
  await server.line("shutdown started");
  server.signal("SIGTERM");

  expect((await server.ended).code).toBe(1);
});

test("a shutdown that takes too long is a failure", async () => {
  const server = await startServer({ SHUTDOWN_TIMEOUT_MS: "100" });
  await begun(server.port);
  server.signal("SIGTERM");

  expect((await server.ended).code).toBe(1);
});

test("the health check of the image tells a living server from a dead one", async () => {
  const { port } = await startServer();

  const living = await start("healthcheck.ts", { PORT: String(port) }).ended;
  const dead = await start("healthcheck.ts", { PORT: "1" }).ended;

  expect([living.code, dead.code]).toEqual([0, 1]);
});
