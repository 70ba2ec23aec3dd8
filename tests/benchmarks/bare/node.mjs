// The yardstick: Express as its own guide writes it, one route, no telemetry.
import express from "express";

const item = JSON.parse(process.env.ITEM);
const items = new Map([[item.id, item]]);

const app = express();
if (process.env.ETAG === "off") app.disable("etag");
app.get("/v1/items/:id", (request, response) => {
  const found = items.get(request.params.id);
  if (found) response.json(found);
  else response.sendStatus(404);
});
app.listen(Number(process.env.PORT), "127.0.0.1");
