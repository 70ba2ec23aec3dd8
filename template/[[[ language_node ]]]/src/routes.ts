import type { Routes } from "./app.ts";
import { memoryItems } from "./items/memory.ts";
import { postgresItems } from "./items/postgres.ts";
import { itemRoutes } from "./items/routes.ts";
import { itemService } from "./items/service.ts";

/** What the service offers besides its operational paths. */
export const routes: Routes = [
  // One line a resource; each picks its store.
  (router, deps) => itemRoutes(router, itemService(deps.db ? postgresItems(deps.db) : memoryItems(), deps), deps),
];
