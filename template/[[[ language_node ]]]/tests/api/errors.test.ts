import { describe, expect, test } from "@jest/globals";
import { client, echo, failing, problemOf, testDeps, testServer } from "../support/deps.ts";
import { exchange, open, received } from "../support/raw.ts";

const path = "/v1/echoes/x";

describe("a path", () => {
  test.each(["/", "/v1", "/v1/echoes", "/V1/echoes/x", "/v1/echoes/x/", "/health/", "/Health", "//health"])(
    "%s leads to nothing",
    async (unknown) => {
      const answer = await client(testDeps()).get(unknown);

      expect(problemOf(answer)).toEqual([404, "about:blank"]);
    },
  );

  test.each(["/%", "/%zz", "/v1/echoes/%", "/v1/echoes/%ff"])("%s is not readable", async (broken) => {
    const answer = await exchange(
      testServer(testDeps()),
      `GET ${broken} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );

    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain(`"status":400,"detail":"The request could not be understood.","instance":"${broken}"`);
  });

  test("of a problem is told without its query", async () => {
    const answer = await client(testDeps()).get("/nowhere?token=not-a-real-token");

    expect(answer.body).toMatchObject({ instance: "/nowhere", request_id: answer.headers["x-request-id"] });
    expect(answer.text).not.toContain("token");
  });
});

describe("a method", () => {
  test.each(["head", "options", "put", "delete", "patch"] as const)("%s is not offered", async (method) => {
    const answer = await client(testDeps())[method](path);

    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, POST"]);
  });

  test("is refused before its body is looked at", async () => {
    const answer = await client(testDeps()).put(path).type("text").send("x");

    expect(problemOf(answer)).toEqual([405, "about:blank"]);
  });
});

describe("a media type", () => {
  test.each([
    "application/json",
    "Application/JSON",
    "application/json;charset=utf-8",
    'application/json; charset="UTF-8"',
    "application/json; other=1",
  ])("%s is read", async (type) => {
    const answer = await client(testDeps()).post(path).set("Content-Type", type).send("[1]");

    expect([answer.status, answer.body]).toEqual([200, { body: [1] }]);
  });

  test.each([
    "text/plain",
    "application/json2",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "json",
  ])("%s is refused", async (type) => {
    const answer = await client(testDeps()).post(path).set("Content-Type", type).send("[1]");

    expect(problemOf(answer)).toEqual([415, "about:blank"]);
  });

  test("that is absent is refused", async () => {
    expect(problemOf(await client(testDeps()).post(path))).toEqual([415, "about:blank"]);
  });

  test.each(["gzip", "identity"])("with the encoding %s is refused", async (encoding) => {
    const request = client(testDeps()).post(path).type("json").set("Content-Encoding", encoding);

    expect(problemOf(await request.send("[1]"))).toEqual([415, "about:blank"]);
  });
});

describe("a body", () => {
  const post = (body: Buffer | string, limit = 100) => {
    const api = client(testDeps({ MAX_BODY_BYTES: String(limit) }));
    return api
      .post(path)
      .type("json")
      .serialize((content: string) => content)
      .send(body as string);
  };

  test.each(["null", "1", '"text"', "[]", ' {"a": [1]} '])("may be %s", async (text) => {
    expect((await post(text)).body).toEqual({ body: JSON.parse(text) as unknown });
  });

  test.each(["", " ", "{", "{'a': 1}", '{"a": 1,}', "NaN", "[1] 2", "\ufeff[1]"])("cannot be %j", async (text) => {
    expect(problemOf(await post(text))).toEqual([400, "/problems/malformed-json"]);
  });

  test("cannot be absent", async () => {
    expect(problemOf(await client(testDeps()).post(path).type("json"))).toEqual([400, "/problems/malformed-json"]);
  });

  test.each(["ff", "c3", "eda080", "c080"])("cannot hold the bytes %s, which are not UTF-8", async (bytes) => {
    const body = Buffer.concat([Buffer.from('"'), Buffer.from(bytes, "hex"), Buffer.from('"')]);

    expect(problemOf(await post(body))).toEqual([400, "/problems/malformed-json"]);
  });

  test("may be as long as the limit", async () => {
    expect((await post(`"${"x".repeat(98)}"`)).status).toBe(200);
    expect(problemOf(await post(`"${"x".repeat(99)}"`))).toEqual([413, "/problems/body-too-large"]);
  });

  test("is refused by its announced length before it arrives", async () => {
    const server = testServer(testDeps());
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n`;
    const socket = await open(server);
    socket.write(head);
    socket.once("data", () => socket.end());

    expect(await received(socket)).toMatch(/^HTTP\/1\.1 413 /);
    server.close();
  });

  test("is refused by its true length before it ends", async () => {
    const server = testServer(testDeps({ MAX_BODY_BYTES: "100" }));
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const socket = await open(server);
    socket.write(`${head}65\r\n${"x".repeat(101)}\r\n`);
    socket.once("data", () => socket.end());

    expect(await received(socket)).toMatch(/^HTTP\/1\.1 413 /);
    server.close();
  });

  test("that does not arrive in time is a time-out of the client", async () => {
    const server = testServer(testDeps({ REQUEST_TIMEOUT_MS: "50" }));
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[1`;

    const answer = await exchange(server, head);

    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toContain("\r\nConnection: close\r\n");
    expect(answer).toContain('"title":"Request Timeout","status":408');
  });
});

describe("below the router", () => {
  test.each([
    ["is not HTTP", "anchor\r\n\r\n", 400],
    ["has an unknown method", "FETCH / HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["has two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
    ["has no host", `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`, 400],
    ["has headers over 16 KiB", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(16_384)}\r\n\r\n`, 431],
  ])("a request that %s is refused with a problem", async (_why, request, status) => {
    const answer = await exchange(testServer(testDeps()), request);

    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
    expect(head).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/);
    expect(head).toMatch(/\r\nConnection: close(\r\n|$)/);
    expect(JSON.parse(body)).toMatchObject({ type: "about:blank", status });
  });

  test.each([
    ["has a broken chunk", "zz\r\n", 400],
    ["stops in the middle of its body", "5\r\n[1", 408],
  ])("a request that %s is refused with a problem", async (_why, body, status) => {
    const deps = testDeps();
    const server = testServer(deps);
    server.requestTimeout = 100;
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;

    const answer = await exchange(server, head + body);

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
    expect(answer).toContain("\r\nConnection: close\r\n");
    expect(answer).toContain(`"status":${String(status)}`);
    expect(deps.lines).toEqual([expect.objectContaining({ http_response_status_code: status })]);
  });

  test("headers that do not arrive in time are a time-out of the client", async () => {
    const server = testServer(testDeps());
    server.headersTimeout = 100;

    const answer = await exchange(server, "GET / HTTP/1.1\r\nHost: x\r\n");

    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toContain('"status":408');
  });

  test("a broken request behind one that is being answered cuts the answer off", async () => {
    const server = testServer(testDeps(), [
      (router) => {
        router.get("/v1/streams", (_request, response) => {
          response.write("half");
        });
      },
    ]);

    const answer = await exchange(server, "GET /v1/streams HTTP/1.1\r\nHost: x\r\n\r\nanchor\r\n\r\n");

    expect(answer).not.toContain("400");
  });

  test("a refusal carries the headers of every answer", async () => {
    const answer = await exchange(testServer(testDeps()), "anchor\r\n\r\n");

    const id = /\r\nX-Request-Id: (\w{32})\r\n/.exec(answer)?.[1];
    expect(answer).toContain(`"request_id":"${String(id)}"`);
    expect(answer).toMatch(new RegExp(`\r\ntraceparent: 00-${String(id)}-\\w{16}-01\r\n`));
    expect(answer).toContain("\r\nX-Service-Version: 0123abc\r\n");
    expect(answer).toContain("\r\nX-Content-Type-Options: nosniff\r\n");
  });

  test("headers of nearly 16 KiB are read", async () => {
    const answer = await client(testDeps()).get(path).set("X", "x".repeat(15_500));

    expect(answer.status).toBe(200);
  });

  test("an expectation that nobody knows is ignored", async () => {
    const request = `GET ${path} HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nConnection: close\r\n\r\n`;

    expect(await exchange(testServer(testDeps()), request)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test("HTTP/1.0 needs no host", async () => {
    expect(await exchange(testServer(testDeps()), `GET ${path} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

describe("a failure", () => {
  test.each([new Error("secret cause"), new RangeError("secret cause"), "secret cause"])(
    "of an unforeseen kind (%s) is internal and tells nothing",
    async (error) => {
      const answer = await client(testDeps(), [failing(error)]).get("/v1/failures");

      expect(problemOf(answer)).toEqual([500, "about:blank"]);
      expect(answer.text).not.toContain("secret");
    },
  );
});

describe("load", () => {
  test("over the limit is turned away, probes excepted", async () => {
    const deps = testDeps({ MAX_IN_FLIGHT: "1" });
    const gate = Promise.withResolvers<unknown>();
    const entered = Promise.withResolvers<unknown>();
    const api = client(deps, [
      echo,
      (router) => {
        router.get("/v1/waits", async (_request, response) => {
          entered.resolve("entered");
          await gate.promise;
          response.json({});
        });
      },
    ]);

    const waiting = api.get("/v1/waits").then(({ status }) => status);
    await entered.promise;
    const refused = await api.get(path);
    const probe = await api.get("/health");
    gate.resolve("open");

    expect([problemOf(refused), refused.headers["retry-after"]]).toEqual([[503, "about:blank"], "1"]);
    expect([probe.status, await waiting]).toEqual([200, 200]);
    expect((await api.get(path)).status).toBe(200);
  });

  test("that takes too long is a time-out, whatever its handler does afterwards", async () => {
    const deps = testDeps({ REQUEST_TIMEOUT_MS: "50" });
    const gate = Promise.withResolvers<unknown>();
    const api = client(deps, [
      (router) => {
        router.get("/v1/waits", async (_request, response) => {
          await gate.promise;
          response.json({});
        });
      },
    ]);

    const answer = await api.get("/v1/waits");
    gate.resolve("open");
    await new Promise(setImmediate);

    expect(problemOf(answer)).toEqual([504, "/problems/timeout"]);
    expect(deps.lines.filter(({ message }) => message === "request failed")).toEqual([]);
  });

  test("that fails halfway through its answer is cut off", async () => {
    const server = testServer(testDeps(), [
      (router) => {
        router.get("/v1/streams", async (_request, response) => {
          await new Promise((written) => response.write("half", written));
          throw new Error("the other half is missing");
        });
      },
    ]);

    const answer = await exchange(server, "GET /v1/streams HTTP/1.1\r\nHost: x\r\n\r\n");

    expect(answer).toContain("half");
    expect(answer).not.toContain("\r\n0\r\n");
  });
});
