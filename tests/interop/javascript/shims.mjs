// What the client expects of a browser and Node has not: an upload by XMLHttpRequest, and a window that can go offline.

class Emitter {
  #listeners = new Map();

  addEventListener(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  removeEventListener(type, listener) {
    this.#listeners.set(type, (this.#listeners.get(type) ?? []).filter((one) => one !== listener));
  }

  emit(type, facts = {}) {
    const event = { type, ...facts };
    this[`on${type}`]?.(event);
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }
}

/** As much of XMLHttpRequest as an upload needs, over fetch. */
export class XMLHttpRequest extends Emitter {
  upload = new Emitter();
  readyState = 0;
  status = 0;
  response = "";
  #request = null;
  #headers = {};
  #replied = null;
  #abortion = new AbortController();

  open(method, url) {
    this.#request = { method, url };
    this.readyState = 1;
  }

  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  getResponseHeader(name) {
    return this.#replied?.headers.get(name) ?? null;
  }

  abort() {
    this.#abortion.abort();
  }

  async send(body) {
    const { method, url } = this.#request;
    const size = body.size ?? body.length;
    try {
      const signal = this.#abortion.signal;
      this.#replied = await fetch(url, { method, headers: this.#headers, body, signal });
      this.response = await this.#replied.text();
    } catch {
      this.#ended(this.#abortion.signal.aborted ? "abort" : "error", 0);
      return;
    }
    this.status = this.#replied.status;
    this.upload.emit("progress", { lengthComputable: true, loaded: size, total: size });
    this.#ended("load", size);
  }

  #ended(how, loaded) {
    this.readyState = 4;
    this.emit("readystatechange");
    this.emit(how, { loaded });
    this.emit("loadend", { loaded });
  }
}

globalThis.XMLHttpRequest ??= XMLHttpRequest;
globalThis.window ??= Object.assign(new Emitter(), { navigator: { onLine: true } });
