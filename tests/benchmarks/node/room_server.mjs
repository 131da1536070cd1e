// A bare Socket.IO room server that answers the same commands as the product and keeps nothing: no database, no right,
// no session. It shows what the protocol alone costs on this machine; `./desk bench chat` drives both with one load.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { Server } from "socket.io";

const pingEveryMs = 5000;
const alive = "alive";
const numbers = new Map();

const http = createServer();
const io = new Server(http, { transports: ["websocket"], maxHttpBufferSize: 1_000_000, serveClient: false });

io.on("connection", (socket) => {
  const { name } = socket.handshake.auth;
  const senderId = randomUUID();
  socket.on("conversation:join", ({ conversation_id: room }, acknowledge) => {
    socket.join([room, alive]);
    acknowledge({ ok: true, messages: [], last_number: numbers.get(room) ?? 0, more: false, marks: {}, may_write: true });
  });
  socket.on("message:send", ({ conversation_id: room, client_id: clientId, body }, acknowledge) => {
    const number = (numbers.get(room) ?? 0) + 1;
    numbers.set(room, number);
    const message = {
      id: randomUUID(),
      conversation_id: room,
      number,
      kind: "text",
      body,
      at: new Date().toISOString(),
      sender_id: senderId,
      sender_name: name,
      initials: name.slice(-2),
      level: "county",
      client_id: clientId,
    };
    socket.to(room).emit("message:new", message);
    acknowledge({ ok: true, message });
  });
  socket.on("presence:beat", () => undefined);
});

setInterval(() => io.to(alive).emit("presence:ping", {}), pingEveryMs);
http.listen(Number(process.argv[2]), "127.0.0.1", 1024);
