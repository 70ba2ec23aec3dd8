import type { Item, ItemInput } from "./item.ts";

/** Both stores keep these promises; a name that is taken is a conflict problem. */
export type ItemRepository = {
  /** In the order of ids; `after` is the last id of the page before. */
  list(limit: number, after: string | undefined): Promise<Item[]>;
  get(id: string): Promise<Item | undefined>;
  insert(item: Item): Promise<void>;
  replace(id: string, input: ItemInput, updatedAt: Date): Promise<Item | undefined>;
  /** Whether there was one. */
  delete(id: string): Promise<boolean>;
};
