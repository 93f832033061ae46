// Words about the files of components.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** Upload a file as a component; its id, and in how many parts it went. */
export async function upload(session, { path, version_id, chunk_bytes }) {
  window.FTRACK_UPLOAD_CHUNK_SIZE = chunk_bytes; // none: the client's own choice
  const progress = [];
  const data = version_id ? { version_id } : {};
  const onProgress = (percent) => progress.push(percent);
  const [component, location, metadata] = await session.createComponent(new Blob([await readFile(path)]), {
    name: basename(path),
    data,
    onProgress,
  });
  return {
    id: component.data.id,
    location: location.data.location_id,
    multipart: "upload_id" in metadata,
    progress: progress.at(-1),
  };
}

/** Begin an upload and break it off; the id of the component that was to be. */
export async function broken_upload(session, { path, key }) {
  const abortion = new AbortController();
  await new Promise((resolve, reject) => {
    const options = { name: basename(path), data: { id: key }, signal: abortion.signal, onAborted: resolve };
    readFile(path).then((bytes) => session.createComponent(new Blob([bytes]), options).catch(reject), reject);
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (body) {
      XMLHttpRequest.prototype.send = send;
      const sent = send.call(this, body);
      setTimeout(() => abortion.abort(), 0);
      return sent;
    };
  });
  return key;
}

/** Fetch a component's file. */
export async function download(session, { key }) {
  return fetched(session.getComponentUrl(key));
}

/** Fetch a part of a component's file. */
export async function download_range(session, { key, first, last }) {
  return fetched(session.getComponentUrl(key), { Range: `bytes=${first}-${last}` });
}

/** Set the picture of an entity. */
export async function set_thumbnail(session, { kind, key, component_id }) {
  await session.update(kind, [key], { thumbnail_id: component_id });
}

/** Fetch the picture of an entity; of one that has none, what stands in for it. */
export async function thumbnail(session, { kind, key, size }) {
  const { data } = await session.query(`select thumbnail_id from ${kind} where id is "${key}"`);
  return fetched(session.thumbnailUrl(data[0].thumbnail_id, size ? { size } : undefined));
}

async function fetched(url, headers = {}) {
  const reply = await fetch(url, { headers });
  const bytes = Buffer.from(await reply.arrayBuffer());
  return {
    status: reply.status,
    type: reply.headers.get("content-type"),
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    start: bytes.subarray(0, 65536).toString("base64"),
  };
}
