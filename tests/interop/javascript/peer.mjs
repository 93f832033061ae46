// One user of the official JavaScript client, who does what a test says.
//
//     FTRACK_NODE_FOLDER=... node peer.mjs URL USER KEY
//
// Each line of standard input is {"word": NAME, "with": ARGUMENTS}; each line of standard output answers one, as
// {"value": ...} or {"error": {"name": ..., "message": ...}}. The words are those of `official_peer.py`.

import { createInterface } from "node:readline";
import { Session } from "./client.mjs";
import * as asking from "./words/asking.mjs";
import * as changing from "./words/changing.mjs";
import * as files from "./words/files.mjs";
import * as talking from "./words/talking.mjs";

console.log = console.error; // the client writes there when it is at a loss

const words = { ...asking, ...changing, ...files, ...talking };
const [url, user, key] = process.argv.slice(2);
const session = new Session(url, user, key, { autoConnectEventHub: false });

async function answer({ word, with: given }) {
  try {
    return { value: (await words[word](session, given ?? {})) ?? null };
  } catch (error) {
    return { error: { name: error.name, message: String(error.message), code: error.errorCode ?? null } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
process.exit(0); // the client's timers would keep the process for half a minute
