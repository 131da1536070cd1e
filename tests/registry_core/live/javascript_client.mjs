// The official client against a room server: long polling, upgrade, both beside each other, large texts, binary, being
// sent away and coming back. Prints "ok" or throws. `node javascript_client.mjs PORT direct|stock`.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { io } from "socket.io-client";

const address = `http://127.0.0.1:${process.argv[2]}`;
const patience = 20_000;

const open = (transports) => io(address, { transports, forceNew: true, reconnectionDelay: 100, auth: { name: "测试" } });
const call = (socket, name, value) => socket.timeout(patience).emitWithAck(name, value);
const opened = async (transports) => {
  const socket = open(transports);
  await once(socket, "connect");
  return socket;
};

const upgrading = await opened(["polling", "websocket"]);
await call(upgrading, "conversation:join", { conversation_id: "js" });
if (upgrading.io.engine.transport.name !== "websocket") {
  await once(upgrading.io.engine, "upgrade");
}
assert.equal(upgrading.io.engine.transport.name, "websocket");

const polling = await opened(["polling"]);
await call(polling, "conversation:join", { conversation_id: "js" });
const direct = await opened(["websocket"]);
await call(direct, "conversation:join", { conversation_id: "js" });

const long = "学".repeat(30_000);
assert.equal(await call(direct, "echo", long), long);
assert.equal(await call(polling, "echo", long), long);

const everywhere = Promise.all([upgrading, polling].map((socket) => once(socket, "message:new")));
await call(direct, "message:send", { conversation_id: "js", client_id: "1", body: "大家好" });
for (const [message] of await everywhere) {
  assert.equal(message.body, "大家好");
}

// The library's own transport breaks here: a packet remembers the encoding of the first client, text for who polls.
const hearing = process.argv[3] === "direct" ? [upgrading, polling, direct] : [upgrading, direct];
if (hearing.length < 3) {
  polling.close();
  await call(direct, "echo", "closed before");
}
const binary = Promise.all(hearing.map((socket) => once(socket, "filled")));
await call(direct, "broadcast", { room: "js", size: 200_000, times: 1, binary: true });
for (const [data] of await binary) {
  assert.equal(Buffer.from(data).length, 200_000);
}

const away = once(direct, "disconnect");
direct.emit("kick");
assert.deepEqual((await away)[0], "io server disconnect");
direct.connect();
await once(direct, "connect");
assert.equal(await call(direct, "echo", "again"), "again");

for (const socket of [upgrading, polling, direct]) {
  socket.close();
}
console.log("ok");
