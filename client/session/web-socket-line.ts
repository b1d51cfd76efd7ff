import type { OpenLine } from "./store.ts";

/** The socket of a notebook as a store's line. */
export function webSocketLine(path: string): OpenLine {
  return (events) => {
    const url = new URL(`/api/notebooks/${encodeURIComponent(path)}/socket`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => events.open();
    socket.onmessage = ({ data }) =>
      typeof data === "string" ? events.text(data) : events.binary(data as ArrayBuffer);
    socket.onclose = ({ code }) => events.closed(code);
    return { send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text), close: () => socket.close() };
  };
}
