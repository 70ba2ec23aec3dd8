import type { Deps } from "../app.ts";
import { Problem } from "../problem.ts";
import { encodeCursor, type Item, type ItemInput, type ItemPage, type ItemPageQuery } from "./item.ts";
import type { ItemRepository } from "./repository.ts";

export type ItemService = ReturnType<typeof itemService>;

export function itemService(repository: ItemRepository, { now, newId }: Pick<Deps, "now" | "newId">) {
  return {
    async list({ limit, cursor }: ItemPageQuery): Promise<ItemPage> {
      const found = await repository.list(limit + 1, cursor);
      const data = found.slice(0, limit);
      const last = found.length > limit ? data.at(-1) : undefined;
      return { data, next_cursor: last ? encodeCursor(last.id) : null };
    },

    async create(input: ItemInput): Promise<Item> {
      const time = now();
      const { name, description } = input;
      const item = { id: newId(), name, description, created_at: time, updated_at: time };
      await repository.insert(item);
      return item;
    },

    async get(id: string): Promise<Item> {
      return present(await repository.get(id));
    },

    async replace(id: string, input: ItemInput): Promise<Item> {
      return present(await repository.replace(id, input, now()));
    },

    async delete(id: string): Promise<void> {
      if (!(await repository.delete(id))) throw new Problem("not_found");
    },
  };
}

function present(item: Item | undefined): Item {
  if (!item) throw new Problem("not_found");
  return item;
}
