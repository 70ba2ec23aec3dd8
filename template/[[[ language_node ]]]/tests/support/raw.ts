import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** Everything a server sends until it closes the connection, for bytes that no HTTP client would send. */
export async function exchange(server: Server, request: string): Promise<string> {
  const socket = await open(server);
  socket.write(request);
  const answer = await received(socket);
  server.close();
  return answer;
}

export async function open(server: Server): Promise<Socket> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

export async function received(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(socket, "close");
  return text;
}
