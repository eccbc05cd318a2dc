// The one connection of a page to the server's live answers; every script that needs it brings this file along.

const RETRY_SECONDS = [1, 30];
const SILENCE_SECONDS = 10;

/** The one connection of a page. A frame goes out when the last was answered; those between are left out. */
class Line {
  constructor() {
    this.waiting = new Set();
    this.asked = null;
    this.number = 0;
    this.retry = RETRY_SECONDS[0];
    document.addEventListener("visibilitychange", () => document.hidden || this.open());
  }

  open() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.again);
    try {
      this.socket = new WebSocket(new URL("live", new URL(".", window.location)).href.replace(/^http/, "ws"));
    } catch (error) {
      console.debug("no live answers", error);
      return;
    }
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => {
      this.retry = RETRY_SECONDS[0];
      this.next();
    };
    this.socket.onmessage = ({ data }) => this.take(typeof data === "string" ? JSON.parse(data) : unpack(data));
    this.socket.onclose = () => {
      clearTimeout(this.silence);
      this.asked = null;
      this.again = setTimeout(() => this.open(), 1000 * this.retry);
      this.retry = Math.min(2 * this.retry, RETRY_SECONDS[1]);
    };
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  want(asker) {
    this.waiting.add(asker);
    this.open();
    this.next();
  }

  next() {
    if (this.asked || !this.isOpen) return;
    for (const asker of this.waiting) {
      this.waiting.delete(asker);
      const frame = asker.frame();
      if (!frame) continue;
      this.asked = { asker, number: ++this.number, about: asker.about() };
      this.socket.send(JSON.stringify({ id: this.number, ...frame }));
      this.listen();
      return;
    }
  }

  /** A server that is busy says so; one that says nothing has gone. */
  listen() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket.close(), 1000 * SILENCE_SECONDS);
  }

  take(message) {
    if (!this.asked || message.id !== this.asked.number) {
      if (!message.problem) return;
    }
    if (message.busy) {
      this.asked.asker.wait();
      clearTimeout(this.silence);
      return;
    }
    clearTimeout(this.silence);
    const { asker, about } = this.asked ?? {};
    this.asked = null;
    asker?.take(message, about);
    this.next();
  }
}

export const line = (window.digitStudioLine ??= new Line());

/** An answer in bytes: the length of its header, the header, and numbers, which become `arrays` by their names. */
function unpack(bytes) {
  const length = new DataView(bytes).getUint32(0, true);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const types = { int8: Int8Array, uint8: Uint8Array, float32: Float32Array };
  let place = 4 + length;
  message.arrays = {};
  for (const { name, type, shape, scale } of message.parts) {
    const values = new types[type](bytes, place, shape.reduce((product, size) => product * size, 1));
    message.arrays[name] = { values, shape, scale };
    place += values.byteLength + ((4 - (values.byteLength % 4)) % 4);
  }
  return message;
}
