// Words that change something.

import { operation } from "../client.mjs";

/** Create an entity; its id. */
export async function create(session, { kind, data }) {
  return (await session.create(kind, data)).data.id;
}

/** Change an entity. */
export async function update(session, { kind, key, data }) {
  await session.update(kind, [key], data);
}

/** Delete an entity. */
export async function remove(session, { kind, key }) {
  return (await session.delete(kind, [key])).data;
}

/** Find or make an entity; its id. */
export async function ensure(session, { kind, data, keys }) {
  return (await session.ensure(kind, data, keys)).id;
}

/** A task and a note on it in one batch: both, or none. */
export async function together(session, { task, note }) {
  const operations = [operation.create("Task", task), operation.create("Note", note)];
  return (await session.call(operations)).map((reply) => reply.data.__entity_type__);
}
