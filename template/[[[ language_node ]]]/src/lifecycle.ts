import type { Response } from "express";

export type Lifecycle = ReturnType<typeof createLifecycle>;

/** Of a part of the service. */
export type Status = "UP" | "DOWN";

/** Whether the service is about to end, and which answers are under way. */
export function createLifecycle() {
  const active = new Set<Response>();
  return {
    active,
    draining: false,

    /** From here on every answer tells its client to go elsewhere, those under way included. */
    drain() {
      this.draining = true;
      for (const response of active) if (!response.headersSent) response.setHeader("Connection", "close");
    },

    /** What `/ready` tells; in memory there is no database. */
    readiness(db?: Status) {
      const status = this.draining ? "OUT_OF_SERVICE" : (db ?? "UP");
      return { status, components: db ? { db: { status: db } } : {} };
    },
  };
}
