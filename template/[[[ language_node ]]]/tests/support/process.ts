import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach } from "@jest/globals";
import type { LogLine } from "./deps.ts";

const kill: (() => void)[] = [];
afterEach(() => {
  for (const end of kill.splice(0)) end();
});

/** Runs `src/<entry>` with these variables alone; it does not outlive its test. */
export function start(entry: string, env: Record<string, string> = {}) {
  const file = fileURLToPath(new URL(`../../src/${entry}`, import.meta.url));
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "pipe"] });
  kill.push(() => child.kill("SIGKILL"));
  const lines: LogLine[] = [];
  const reader = createInterface(child.stdout).on("line", (text) => lines.push(JSON.parse(text) as LogLine));
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));

  return {
    signal: (name: NodeJS.Signals) => child.kill(name),
    ended: once(child, "close").then(([code]: unknown[]) => ({ code, lines, err })),

    /** The first line with this message, once it is written. */
    async line(message: string): Promise<LogLine> {
      for (;;) {
        const found = lines.find((line) => line.message === message);
        if (found) return found;
        await once(reader, "line");
      }
    },
  };
}

/** A server on a port of its own, once it listens. */
export async function startServer(env: Record<string, string> = {}) {
  const server = start("server.ts", { HOST: "127.0.0.1", PORT: "0", APP_ENV: "test", ...env });
  const { server_port } = await server.line("server listening");
  return { ...server, port: Number(server_port), url: `http://127.0.0.1:${String(server_port)}` };
}
