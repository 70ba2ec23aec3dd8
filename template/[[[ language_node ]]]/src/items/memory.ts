import { Problem } from "../problem.ts";
import { type Item, nameTaken } from "./item.ts";
import type { ItemRepository } from "./repository.ts";

const capacity = 10_000;

export function memoryItems(): ItemRepository {
  const items = new Map<string, Item>();
  const ids = new Map<string, string>();

  return {
    async list(limit, after = "") {
      const following = [...items.keys()].filter((id) => id > after).sort();
      return following.slice(0, limit).flatMap((id) => items.get(id) ?? []);
    },

    async get(id) {
      return items.get(id);
    },

    async insert(item) {
      if (ids.has(item.name)) throw nameTaken();
      if (items.size >= capacity) throw new Problem("storage_full");
      items.set(item.id, item);
      ids.set(item.name, item.id);
    },

    async replace(id, { name, description }, updatedAt) {
      const old = items.get(id);
      if (!old) return undefined;
      if ((ids.get(name) ?? id) !== id) throw nameTaken();
      const item = { ...old, name, description, updated_at: updatedAt };
      items.set(id, item);
      ids.delete(old.name);
      ids.set(name, id);
      return item;
    },

    async delete(id) {
      const old = items.get(id);
      if (old) ids.delete(old.name);
      return items.delete(id);
    },
  };
}
