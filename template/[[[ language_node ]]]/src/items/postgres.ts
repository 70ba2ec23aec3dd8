import pg from "pg";
import type { Db } from "../db.ts";
import { type Item, nameTaken } from "./item.ts";
import type { ItemRepository } from "./repository.ts";

const columns = "id, name, description, created_at, updated_at";

const listSql = `
  SELECT ${columns} FROM items
  WHERE $2::uuid IS NULL OR id > $2
  ORDER BY id
  LIMIT $1`;

const getSql = `SELECT ${columns} FROM items WHERE id = $1`;

const insertSql = `INSERT INTO items (${columns}) VALUES ($1, $2, $3, $4, $5)`;

const replaceSql = `
  UPDATE items SET name = $2, description = $3, updated_at = $4
  WHERE id = $1
  RETURNING ${columns}`;

const deleteSql = "DELETE FROM items WHERE id = $1 RETURNING id";

export function postgresItems(db: Db): ItemRepository {
  const query = (operation: string, sql: string, values: unknown[]) =>
    db.query<Item>(operation, "items", sql, values).catch(refuseTakenName);

  return {
    async list(limit, after) {
      return query("SELECT", listSql, [limit, after]);
    },

    async get(id) {
      const [item] = await query("SELECT", getSql, [id]);
      return item;
    },

    async insert({ id, name, description, created_at, updated_at }) {
      await query("INSERT", insertSql, [id, name, description, created_at, updated_at]);
    },

    async replace(id, { name, description }, updatedAt) {
      const [item] = await query("UPDATE", replaceSql, [id, name, description, updatedAt]);
      return item;
    },

    async delete(id) {
      const deleted = await query("DELETE", deleteSql, [id]);
      return deleted.length > 0;
    },
  };
}

function refuseTakenName(error: unknown): never {
  const taken = error instanceof pg.DatabaseError && error.constraint === "items_name_unique";
  throw taken ? nameTaken() : error;
}
