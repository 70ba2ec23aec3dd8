// Sends a number of GET requests over keep-alive connections, each connection one at a time, and checks each answer.
// usage: node load.mjs PORT PATH REQUESTS CONNECTIONS
import { connect } from "node:net";

const [port, path, requests, connections] = process.argv.slice(2);
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n`;
let unsent = Number(requests);

function open() {
  const socket = connect(Number(port), "127.0.0.1");
  let received = "";

  const send = () => (unsent-- > 0 ? socket.write(request) : socket.end());
  socket.setEncoding("latin1").setNoDelay().on("connect", send);
  socket.on("data", (chunk) => {
    received += chunk;
    const head = received.indexOf("\r\n\r\n") + 4;
    if (head < 4) return;
    const headers = received.slice(0, head);
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(headers);
    const chunked = /\r\ntransfer-encoding: chunked\r\n/i.test(headers);
    if (!received.startsWith("HTTP/1.1 200 ") || !(length || chunked)) throw new Error(`not the answer:\n${received}`);
    if (length ? received.length < head + Number(length[1]) : !received.endsWith("\r\n0\r\n\r\n")) return;
    received = "";
    send();
  });
  socket.on("error", (error) => {
    throw error;
  });
  socket.on("end", () => {
    if (unsent >= 0) throw new Error("the server has closed a connection");
  });
}

for (let number = 0; number < Number(connections); number += 1) open();
