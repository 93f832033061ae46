// Words about events.

import { randomUUID } from "node:crypto";
import { Event } from "../client.mjs";

const PATIENCE_MS = 20_000;
const heard = new Map();
let connections = 0;

/** Connect the hub. */
export async function connect(session) {
  session.eventHub.connect();
  session.eventHub._socketIo.on("connect", () => (connections += 1));
  await until(() => session.eventHub.isConnected());
}

/** Listen to a topic, and answer each event with the same if there is an answer; back once the server knows. */
export async function subscribe(session, { topic, answer, subscriber }) {
  heard.set(topic, heard.get(topic) ?? []);
  const callback = (event) => {
    heard.get(topic).push(event);
    return answer;
  };
  const metadata = subscriber && { ...subscriber };
  session.eventHub.subscribe(`topic=${topic}`, callback, metadata);
  await settled(session);
}

/** The events of a subscription so far, once there are so many. */
export async function hear(session, { topic, count }) {
  await until(() => heard.get(topic).length >= count);
  return heard.get(topic);
}

/** The events of a subscription so far: once there are so many, or after so long. */
export async function glance(session, { topic, count, seconds }) {
  await until(() => heard.get(topic).length >= count, seconds * 1000).catch(() => {});
  return heard.get(topic);
}

/** Publish an event; its id. */
export async function publish(session, { topic, data, target }) {
  return session.eventHub.publish(new Event(topic, data ?? {}, { target: target ?? "" }));
}

/** Publish an event and wait for its first reply. */
export async function ask(session, { topic, data, target }) {
  const event = new Event(topic, data ?? {}, { target: target ?? "" });
  return (await session.eventHub.publishAndWaitForReply(event, { timeout: PATIENCE_MS / 1000 })).data;
}

/** Do nothing for a while, as an artist who is at lunch; how often the hub has connected by then. */
export async function idle(session, { seconds }) {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return connections;
}

/** Back when everything that was asked of the server so far is done: what the hub tells itself comes back later. */
async function settled(session) {
  const marker = `interop.settled.${randomUUID()}`;
  let known = false;
  const id = session.eventHub.subscribe(`topic=${marker}`, () => void (known = true));
  await session.eventHub.publish(new Event(marker, {}));
  await until(() => known);
  session.eventHub.unsubscribe(id);
}

async function until(condition, patience_ms = PATIENCE_MS) {
  const deadline = Date.now() + patience_ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`nothing came in ${patience_ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
