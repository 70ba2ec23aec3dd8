import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler, Request, Response } from "express";
import type { z } from "zod";
import { type Log, logFailure } from "./log.ts";

const plain = (status: number, detail: string) => ({
  status,
  type: "about:blank",
  title: STATUS_CODES[status] ?? "",
  detail,
});

const special = (status: number, type: string, title: string, detail: string) => ({
  status,
  type: `/problems/${type}`,
  title,
  detail,
});

/** `x-problems` of api/openapi.yaml. */
export const problems = {
  bad_request: plain(400, "The request could not be understood."),
  malformed_json: special(400, "malformed-json", "Body is not JSON", "The request body is not valid JSON in UTF-8."),
  not_found: plain(404, "There is nothing at this path."),
  method_not_allowed: plain(405, "The Allow header lists the methods of this path."),
  request_timeout: plain(408, "The request took too long to arrive."),
  conflict: special(409, "conflict", "Conflict with an existing resource", "A value that must be unique is taken."),
  body_too_large: special(
    413,
    "body-too-large",
    "Body is too large",
    "The request body is larger than this service accepts.",
  ),
  unsupported_media_type: plain(415, "The request body must be plain application/json in UTF-8."),
  validation_error: special(
    422,
    "validation-error",
    "Request is invalid",
    'The members of "errors" tell what is wrong.',
  ),
  headers_too_large: plain(431, "The request headers are larger than this service accepts."),
  internal: plain(500, "The request failed; the log knows it by its request_id."),
  unavailable: plain(503, "The service cannot answer now; try again soon."),
  storage_full: special(503, "storage-full", "Storage is full", "The in-memory store holds as many items as it may."),
  timeout: special(504, "timeout", "Request took too long", "The request was not finished in time."),
};

const refusal = (code: string, error: string) => ({ error, params: { code }, abort: true });

/** `x-field-errors` of api/openapi.yaml, as settings for the checks of a zod schema. */
export const refusals = {
  required: refusal("required", "is required"),
  unknown_field: refusal("unknown_field", "is not a known field"),
  wrong_type: (expected: string) => refusal("wrong_type", `must be ${expected}`),
  invalid_characters: refusal("invalid_characters", "must not contain NUL or unpaired surrogates"),
  too_short: refusal("too_short", "must not be empty"),
  too_long: (max: number) => refusal("too_long", `must have at most ${String(max)} characters`),
  taken: refusal("taken", "is already taken"),
  not_a_uuid: refusal("not_a_uuid", "must be a UUID"),
  out_of_range: (min: number, max: number) =>
    refusal("out_of_range", `must be an integer from ${String(min)} to ${String(max)}`),
  invalid_cursor: refusal("invalid_cursor", "must be the next_cursor of another page"),
};

export type ProblemCode = keyof typeof problems;
export type Place = "pointer" | "parameter";
export type FieldError = Partial<Record<Place, string>> & { detail: string; code: string };

/** The only error that decides how a request is answered; any other is `internal`. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: FieldError[] | undefined;

  constructor(code: ProblemCode, options: { errors?: FieldError[]; cause?: unknown } = {}) {
    super(problems[code].detail, { cause: options.cause });
    this.name = "Problem";
    this.code = code;
    this.errors = options.errors;
  }
}

export function fieldError(place: Place, path: PropertyKey[], why: ReturnType<typeof refusal>): FieldError {
  const names = path.map(String);
  const where = place === "parameter" ? names.join(".") : ["#", ...names.map(escapePointer)].join("/");
  return { [place]: where, detail: why.error, code: why.params.code };
}

/** What the schema makes of a value, or a problem that tells every error at once. */
export function valid<S extends z.ZodType>(schema: S, value: unknown, place: Place): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Problem("validation_error", { errors: result.error.issues.flatMap((issue) => errorsOf(issue, place)) });
}

function errorsOf(issue: z.core.$ZodIssue, place: Place): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    const unknown = issue.keys.toSorted();
    return unknown.map((key) => fieldError(place, [...issue.path, key], refusals.unknown_field));
  }
  const code = issue.code === "custom" ? String(issue.params?.code) : "wrong_type";
  return [fieldError(place, issue.path, refusal(code, issue.message))];
}

/** RFC 6901, section 3. */
function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The document of RFC 9457; its members come in the order of the contract. */
export function problemText(problem: Problem, instance: string, requestId: string): string {
  const { type, title, status, detail } = problems[problem.code];
  return JSON.stringify({
    type,
    title,
    status,
    detail,
    instance,
    request_id: requestId,
    errors: problem.errors,
  });
}

export function sendProblem(request: Request, response: Response, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status } = problems[problem.code];
  if (status === 503) response.setHeader("Retry-After", "1");
  response.statusCode = status;
  response.setHeader("Content-Type", "application/problem+json");
  response.end(problemText(problem, request.path, String(response.getHeader("X-Request-Id"))));
}

/** The one place where an error becomes an answer. */
export function problemHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    // The deadline has answered; what its handler throws afterwards concerns nobody.
    if (response.writableEnded) return;
    const problem = problemOf(error);
    if (problem.code === "internal") logFailure(log, error);
    sendProblem(request, response, problem);
  };
}

const codeOfStatus = new Map<unknown, ProblemCode>([
  [400, "bad_request"],
  [413, "body_too_large"],
]);

/** Express and its body parser throw errors that carry a status. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  return new Problem(codeOfStatus.get(status) ?? "internal");
}
