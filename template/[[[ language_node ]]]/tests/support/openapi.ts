import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { Response } from "supertest";
import { parse } from "yaml";

type Answer = { $ref?: string; headers?: Record<string, unknown>; content?: Record<string, unknown> };
type Operation = { operationId: string; tags: string[]; responses: Record<string, Answer> };
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Answer> };
  "x-problems": Record<string, { status: number; type: string; title: string; detail: string }>;
  "x-field-errors": Record<string, string | Record<string, string>>;
};

const text = readFileSync(new URL("../../api/openapi.yaml", import.meta.url), "utf8");
export const openapi = parse(text) as Document;

const methods = ["get", "post", "put", "delete"];
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(openapi, "openapi");

/** Every `operationId status` that was answered as the document promises. */
export const answered = new Set<string>();

/** Every `operationId status` that the document promises for a tag. */
export function promised(tag: string): string[] {
  const operations = Object.values(openapi.paths).flatMap((path) => methods.flatMap((method) => path[method] ?? []));
  return operations
    .filter(({ tags }) => tags.includes(tag))
    .flatMap(({ operationId, responses }) => Object.keys(responses).map((status) => `${operationId} ${status}`))
    .filter((name) => !name.endsWith(" default"))
    .sort();
}

/** Fails when an answer is not what the document promises. */
export function asPromised({ request, status, type, headers, body }: Response): void {
  const { method, url } = request as unknown as { method: string; url: string };
  const operation = operationAt(method.toLowerCase(), new URL(url).pathname);
  const name = operation?.responses[status] ? String(status) : "default";
  const answer = resolved(operation?.responses[name] ?? { $ref: "#/components/responses/Problem" });
  if (!operation && status < 400) return;

  for (const header of Object.keys(answer.headers ?? {})) {
    if (!(header.toLowerCase() in headers)) throw new Error(`${method} ${url} answers ${name} without ${header}`);
  }
  if (operation) answered.add(`${operation.operationId} ${name}`);
  if (!answer.content) return;
  const content = answer.content[type] as { schema: object } | undefined;
  if (!content) throw new Error(`${method} ${url} answers ${name} with ${type}`);
  if (type.endsWith("json") && method !== "HEAD") {
    const schema = pointerTo(content.schema);
    if (!ajv.validate(schema, body)) throw new Error(`${method} ${url} ${name}: ${ajv.errorsText()}`);
  }
}

function operationAt(method: string, path: string): Operation | undefined {
  const segments = path.split("/");
  const fits = (template: string) => {
    const parts = template.split("/");
    return parts.length === segments.length && parts.every((part, i) => part.startsWith("{") || part === segments[i]);
  };
  const template = Object.keys(openapi.paths).find(fits);
  return template === undefined ? undefined : openapi.paths[template]?.[method];
}

function resolved(answer: Answer): Answer {
  const name = answer.$ref?.replace("#/components/responses/", "");
  const shared = name === undefined ? answer : openapi.components.responses[name];
  if (!shared) throw new Error(`there is no ${String(name)} among the shared responses`);
  return shared;
}

/** References inside the document are relative to it. */
function pointerTo(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"openapi#')) as object;
}
