import { connect } from "node:net";
import { test } from "node:test";

// 8 bytes ask a PostgreSQL whether it speaks TLS; it answers with one letter.
test("a PostgreSQL answers where DB_HOST and DB_PORT say", async () => {
  const { DB_HOST: host, DB_PORT: port } = process.env;
  const socket = connect({ host, port });
  socket.end(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
  const [letter] = await socket.toArray();
  if (!"SN".includes(String(letter))) throw new Error(`${host}:${port} is no PostgreSQL`);
});
