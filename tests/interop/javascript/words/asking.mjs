// Words that ask.

import { expression, projectSchema, version } from "../client.mjs";

/** Wait until the session is ready; what it knows then. */
export async function start(session) {
  await session.initializing;
  return { client: version, server: session.serverVersion, types: session.schemas.length };
}

/** Values by the paths of attributes, of each entity that a query finds. */
export async function query(session, { expression, paths }) {
  const { data } = await session.query(expression);
  return data.map((entity) => paths.map((path) => at(entity, path)));
}

/** Names of what a search for terms finds. */
export async function search(session, { kind, terms }) {
  const { data } = await session.search({ expression: `select name from ${kind}`, entityType: kind, terms });
  return data.map((entity) => entity.name);
}

/** Ids of entities of a type that have that name, quoted by the client. */
export async function named(session, { kind, name }) {
  const { data } = await session.query(`select id from ${kind} where name is ${expression`"${name}"`}`);
  return data.map((entity) => entity.id);
}

/** Names of the statuses that a project schema gives entities of a type. */
export async function statuses(session, { schema, kind, task_type }) {
  const found = await projectSchema.getStatuses(session, schema, kind, task_type ?? null);
  return found.map((status) => status.name);
}

/** A date as the client gives it: a moment, and as text. */
export async function date(session, { expression, name }) {
  const moment = (await session.query(expression)).data[0][name];
  const text = (await session.query(expression, { decodeDatesAsIso: true })).data[0][name];
  return { moment: moment.toISOString(), utc: moment.isUTC(), text };
}

/** What a query finds as plain data, in which nothing is shared. */
export async function plain(session, { expression }) {
  return (await session.query(expression, { ensureSerializableResponse: true })).data;
}

/** Whether two tasks share the object of their status, as the client merges what a reply repeats. */
export async function shared(session, { expression, name }) {
  const [one, other] = (await session.query(expression)).data;
  return one[name] === other[name];
}

function at(entity, path) {
  return path.split(".").reduce((value, name) => value?.[name] ?? null, entity);
}
