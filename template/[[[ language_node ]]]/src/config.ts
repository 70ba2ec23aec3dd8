import { readFileSync } from "node:fs";
import { z } from "zod";
import manifest from "../package.json" with { type: "json" };

type Env = Readonly<Record<string, string | undefined>>;
type Loaded = { config: Config; problems?: never } | { config?: never; problems: string[] };
export type Config = ReturnType<typeof configOf>;
export type Database = NonNullable<Config["database"]>;

const oneOf = <const T extends string[]>(...choices: T) =>
  z.enum(choices, { error: `must be one of ${choices.join(", ")}` });

const integer = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be an integer from ${String(min)} to ${String(max)}`,
    })
    .transform(Number);

const certificate = z.string().transform((path, context) => {
  const pem = contentOf(path);
  if (pem?.includes("-----BEGIN CERTIFICATE-----")) return pem;
  context.addIssue("must name a readable PEM file");
  return z.NEVER;
});

const settings = z.object({
  APP_ENV: oneOf("development", "test", "staging", "production").default("development"),
  HOST: z.string().default("0.0.0.0"),
  PORT: integer(0, 65_535).default(8080),
  LOG_LEVEL: oneOf("debug", "info", "warn", "error").default("info"),
  SERVICE_NAME: z.string().default(manifest.name),
  SERVICE_VERSION: z.string().default(manifest.version),
  SERVICE_COMMIT: z
    .string()
    .regex(/^([0-9a-f]{7,40}|unknown)$/, "must be 7 to 40 lower-case hexadecimal digits, or unknown")
    .default("unknown"),
  DATABASE_URL: z.string().optional(),
  DB_HOST: z.string().optional(),
  DB_PORT: integer(1, 65_535).default(5432),
  DB_NAME: z.string().optional(),
  DB_USER: z.string().optional(),
  DB_PASS: z.string().optional(),
  DB_SSLMODE: oneOf("disable", "require", "verify-full").optional(),
  DB_SSLROOTCERT: certificate.optional(),
  DB_POOL_MAX: integer(1, 1000).default(10),
  DB_CONNECT_TIMEOUT_MS: integer(1, 600_000).default(3000),
  DB_STATEMENT_TIMEOUT_MS: integer(1, 600_000).default(5000),
  REQUEST_TIMEOUT_MS: integer(1, 600_000).default(15_000),
  MAX_BODY_BYTES: integer(1, 104_857_600).default(1_048_576),
  MAX_IN_FLIGHT: integer(1, 100_000).default(1000),
  SHUTDOWN_DELAY_MS: integer(0, 600_000).default(0),
  SHUTDOWN_TIMEOUT_MS: integer(0, 600_000).default(20_000),
  TRUSTED_PROXY_HOPS: integer(0, 10).default(0),
});

/** Reads the whole configuration once; the values of DATABASE_URL and DB_PASS never get into a problem. */
export function loadConfig(env: Env): Loaded {
  const problems: string[] = [];
  const values = withDatabaseUrl(withFiles(env, problems), problems);
  const parsed = settings.safeParse(values);
  for (const issue of parsed.error?.issues ?? []) problems.push(`${String(issue.path[0])}: ${issue.message}`);
  problems.push(...missingDatabase(values));
  return parsed.success && problems.length === 0 ? { config: configOf(parsed.data) } : { problems };
}

export function explain(problems: string[]): string {
  return ["configuration is invalid:", ...problems].join("\n  ");
}

function withFiles(env: Env, problems: string[]): Env {
  const valueOf = (name: string) => {
    const file = env[`${name}_FILE`];
    if (!file) return env[name];
    if (env[name]) problems.push(`${name}: is set, and so is ${name}_FILE; keep one of them`);
    const content = contentOf(file);
    if (content === undefined) problems.push(`${name}_FILE: must name a readable file`);
    return content?.replace(/\r?\n$/, "");
  };
  const values = Object.keys(settings.shape).map((name) => [name, valueOf(name)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== ""));
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function withDatabaseUrl(values: Env, problems: string[]): Env {
  if (!values.DATABASE_URL) return values;
  const parts = partsOf(values.DATABASE_URL);
  if (!parts) {
    problems.push("DATABASE_URL: must look like postgresql://USER:PASSWORD@HOST:PORT/NAME");
    return values;
  }
  for (const [name, part] of parts) {
    if (values[name] && values[name] !== part) problems.push(`${name}: differs from DATABASE_URL; keep one of them`);
  }
  return { ...values, ...Object.fromEntries(parts) };
}

function partsOf(text: string): [name: string, part: string][] | undefined {
  try {
    const url = new URL(text);
    const complete = url.hostname && url.username && url.pathname.length > 1;
    if (!["postgresql:", "postgres:"].includes(url.protocol) || !complete) return undefined;
    const parts: [string, string][] = [
      ["DB_HOST", decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1")],
      ["DB_PORT", url.port || "5432"],
      ["DB_NAME", decodeURIComponent(url.pathname.slice(1))],
      ["DB_USER", decodeURIComponent(url.username)],
      ["DB_PASS", decodeURIComponent(url.password)],
      ["DB_SSLMODE", url.searchParams.get("sslmode") ?? ""],
    ];
    return parts.filter(([, part]) => part !== "");
  } catch {
    return undefined;
  }
}

function missingDatabase(values: Env): string[] {
  if (values.DATABASE_URL) return [];
  const required = ["DB_HOST", "DB_NAME", "DB_USER"];
  if ([...required, "DB_PASS"].some((name) => values[name])) {
    const missing = required.filter((name) => !values[name]);
    return missing.map((name) => `${name}: is required; ${required.join(", ")} belong together`);
  }
  const needed = ["staging", "production"].includes(values.APP_ENV ?? "");
  return needed ? ["DATABASE_URL: is required in staging and production (or DB_HOST, DB_NAME and DB_USER)"] : [];
}

function configOf(values: z.output<typeof settings>) {
  const { DB_HOST: host, DB_NAME: name, DB_USER: user } = values;
  const local = values.APP_ENV === "development" || values.APP_ENV === "test";
  const database = {
    port: values.DB_PORT,
    pass: values.DB_PASS,
    sslmode: values.DB_SSLMODE ?? (local ? "disable" : "verify-full"),
    ca: values.DB_SSLROOTCERT,
    poolMax: values.DB_POOL_MAX,
    connectTimeoutMs: values.DB_CONNECT_TIMEOUT_MS,
    statementTimeoutMs: values.DB_STATEMENT_TIMEOUT_MS,
  };
  return Object.freeze({
    appEnv: values.APP_ENV,
    host: values.HOST,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    serviceName: values.SERVICE_NAME,
    serviceVersion: values.SERVICE_VERSION,
    serviceCommit: values.SERVICE_COMMIT,
    database: host && name && user ? Object.freeze({ host, name, user, ...database }) : undefined,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    maxBodyBytes: values.MAX_BODY_BYTES,
    maxInFlight: values.MAX_IN_FLIGHT,
    shutdownDelayMs: values.SHUTDOWN_DELAY_MS,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_MS,
    trustedProxyHops: values.TRUSTED_PROXY_HOPS,
  });
}
