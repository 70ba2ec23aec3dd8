import type { IRouter, Request, Response } from "express";
import type { Deps } from "../app.ts";
import { allow, jsonBody } from "../middleware/limits.ts";
import { valid } from "../problem.ts";
import { ItemId, ItemInput, ItemPageQuery } from "./item.ts";
import type { ItemService } from "./service.ts";

export function itemRoutes(router: IRouter, service: ItemService, deps: Deps): void {
  async function listItems(request: Request, response: Response): Promise<void> {
    const query = valid(ItemPageQuery, request.query, "parameter");
    response.json(await service.list(query));
  }

  async function createItem(request: Request, response: Response): Promise<void> {
    const input = valid(ItemInput, request.body, "pointer");
    const item = await service.create(input);
    response.status(201).location(`/v1/items/${item.id}`).json(item);
  }

  async function getItem(request: Request, response: Response): Promise<void> {
    const { id } = valid(ItemId, request.params, "parameter");
    response.json(await service.get(id));
  }

  async function replaceItem(request: Request, response: Response): Promise<void> {
    const { id } = valid(ItemId, request.params, "parameter");
    const input = valid(ItemInput, request.body, "pointer");
    response.json(await service.replace(id, input));
  }

  async function deleteItem(request: Request, response: Response): Promise<void> {
    const { id } = valid(ItemId, request.params, "parameter");
    await service.delete(id);
    response.status(204).end();
  }

  const body = jsonBody(deps);
  router.route("/v1/items").all(allow("GET", "POST")).get(listItems).post(body, createItem);
  router
    .route("/v1/items/:id")
    .all(allow("GET", "PUT", "DELETE"))
    .get(getItem)
    .put(body, replaceItem)
    .delete(deleteItem);
}
