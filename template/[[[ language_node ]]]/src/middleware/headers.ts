import type { RequestHandler } from "express";
import type { Deps } from "../app.ts";
import type { Config } from "../config.ts";

export const staticHeaders = ({ serviceCommit }: Config): [name: string, value: string][] => [
  ["X-Service-Version", serviceCommit],
  ["X-Content-Type-Options", "nosniff"],
  ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
  ["Referrer-Policy", "no-referrer"],
  ["Cache-Control", "no-store"],
];

export function headers({ config, lifecycle }: Deps): RequestHandler {
  const always = staticHeaders(config);
  return (_request, response, next) => {
    if (lifecycle.draining) response.setHeader("Connection", "close");
    for (const [name, value] of always) response.setHeader(name, value);
    next();
  };
}
