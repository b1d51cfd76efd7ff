import { type OpenLine, SIGNED_OUT } from "./store.ts";

async function isSignedOut(): Promise<boolean> {
  try {
    return (await fetch("/api/settings", { method: "GET" })).status === 401;
  } catch {
    return false; // The server is not there at all.
  }
}

/** The socket of a notebook as a store's line. */
export function webSocketLine(path: string): OpenLine {
  return (events) => {
    const url = new URL(`/api/notebooks/${encodeURIComponent(path)}/socket`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) =>
      typeof data === "string" ? events.text(data) : events.binary(data as ArrayBuffer);
    let opened = false;
    socket.onopen = () => {
      opened = true;
      events.open();
    };
    socket.onclose = ({ code }) => {
      // A browser does not tell why an upgrade was refused; a request beside it does.
      if (opened) events.closed(code);
      else void isSignedOut().then((out) => events.closed(out ? SIGNED_OUT : code));
    };
    return { send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text), close: () => socket.close() };
  };
}
