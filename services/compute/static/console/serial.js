import { Terminal } from '../xterm/lib/xterm.mjs';
import { open } from './console.js';

open((socket) => {
  // A serial line does not know how large the window is: guests take 80 columns and 24 lines.
  const terminal = new Terminal({ cols: 80, rows: 24, scrollback: 5000, cursorBlink: true });
  terminal.open(document.getElementById('screen'));
  const encoder = new TextEncoder();
  socket.addEventListener('open', () => terminal.focus());
  socket.addEventListener('message', ({ data }) => terminal.write(new Uint8Array(data)));
  const send = (bytes) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
  };
  terminal.onData((text) => send(encoder.encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (one) => one.charCodeAt(0))));
});
