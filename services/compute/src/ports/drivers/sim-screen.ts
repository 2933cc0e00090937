import { LETTER_HEIGHT, letterRow } from './sim-font.js';

// A screen of letters that speaks RFB 3.8 (RFC 6143): enough for a viewer to show a picture and for keys to be seen.

const COLUMNS = 80;
const ROWS = 25;
export const SCREEN = { width: COLUMNS * 8, height: ROWS * LETTER_HEIGHT } as const;
const VERSION = 'RFB 003.008\n';
/** A clipboard that is longer is no clipboard. */
const MAX_CUT_TEXT = 256 * 1024;
/** 32 bits, of which 24 count; red in the third byte, green in the second, blue in the first. */
const FORMAT = Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
const KEYS = { enter: 0xff0d, backspace: 0xff08, ctrl: 0xffe3, alt: 0xffe9, delete: 0xffff } as const;

/** The lines of the screen, and which of them the viewer has not seen as they are. */
const createLetters = (lines: readonly string[], prompt: string) => {
  const shown = [...lines.flatMap((line) => line.match(/.{1,80}/g) ?? ['']), prompt].slice(-ROWS);
  const changed = new Set<number>();
  const changeAll = (): void => {
    for (let row = 0; row < ROWS; row += 1) changed.add(row);
  };
  const add = (line: string): void => {
    shown.push(line);
    if (shown.length > ROWS) shown.shift();
    changeAll();
  };
  const last = (): number => shown.length - 1;
  const change = (text: string): void => {
    shown[last()] = text.slice(0, COLUMNS);
    changed.add(last());
  };
  return {
    changed,
    changeAll,
    line: (row: number): string => shown[row] ?? '',
    type: (letter: string) => change((shown[last()] ?? '') + letter),
    erase: () => {
      if ((shown[last()] ?? '').length > prompt.length) change((shown[last()] ?? '').slice(0, -1));
    },
    enter: (said?: string) => {
      if (said !== undefined) add(said);
      add(prompt);
    },
  };
};

/** A row of letters as pixels. */
const pixelsOf = (line: string, ink: Buffer): Buffer => {
  const pixels = Buffer.alloc(SCREEN.width * LETTER_HEIGHT * 4);
  for (let column = 0; column < line.length; column += 1)
    for (let row = 0; row < LETTER_HEIGHT; row += 1) {
      const bits = letterRow(line[column] as string, row);
      for (let bit = 0; bit < 8; bit += 1)
        if (bits & (0x80 >> bit)) ink.copy(pixels, ((row * COLUMNS + column) * 8 + bit) * 4);
    }
  return pixels;
};
/** White, in the viewer's own format. @throws for a format without 32 bits of colour */
const whiteOf = (format: Buffer): Buffer => {
  if (format[0] !== 32 || format[3] !== 1) throw new Error('only formats of 32 bits are simulated');
  const part = (max: number, shift: number): number => (format.readUInt16BE(max) << (format[shift] ?? 0)) >>> 0;
  const white = (part(4, 10) | part(6, 11) | part(8, 12)) >>> 0;
  const ink = Buffer.alloc(4);
  if (format[2]) ink.writeUInt32BE(white);
  else ink.writeUInt32LE(white);
  return ink;
};
const u16 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => bytes.writeUInt16BE(value, at * 2));
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Bytes of a message of the viewer, as far as its beginning tells. @throws for one that RFB 3.8 does not have */
const lengthOf = (bytes: Buffer): number => {
  switch (bytes[0]) {
    case 0:
      return 20;
    case 2:
      return bytes.length < 4 ? 4 : 4 + 4 * bytes.readUInt16BE(2);
    case 3:
      return 10;
    case 4:
      return 8;
    case 5:
      return 6;
    case 6: {
      const length = bytes.length < 8 ? 0 : bytes.readUInt32BE(4);
      if (length > MAX_CUT_TEXT) throw new Error('the clipboard is too long');
      return 8 + length;
    }
    default:
      throw new Error(`a message of the type ${bytes[0]} is not simulated`);
  }
};

/**
 * The server's side of one connection.
 * @returns `greeting` is sent first; `respond` takes what the viewer sends, in any pieces, and gives what to answer
 * @throws from `respond` for what is no RFB
 */
export const createScreen = (name: string, lines: readonly string[], prompt: string) => {
  const letters = createLetters(lines, prompt);
  const held = new Set<number>();
  let ink = whiteOf(FORMAT);
  let asked = false;
  let unread: Buffer = Buffer.alloc(0);
  let step: 'version' | 'security' | 'init' | 'open' = 'version';

  const update = (): Buffer => {
    if (!asked || !letters.changed.size) return Buffer.alloc(0);
    asked = false;
    const rows = [...letters.changed];
    letters.changed.clear();
    const parts = rows.flatMap((row) => [
      u16(0, row * LETTER_HEIGHT, SCREEN.width, LETTER_HEIGHT),
      u32(0), // raw pixels
      pixelsOf(letters.line(row), ink),
    ]);
    return Buffer.concat([u16(0, rows.length), ...parts]);
  };
  const press = (key: number): void => {
    if (key === KEYS.enter) letters.enter();
    else if (key === KEYS.backspace) letters.erase();
    else if (key === KEYS.delete && held.has(KEYS.ctrl) && held.has(KEYS.alt)) letters.enter('[Ctrl-Alt-Del]');
    else if (key >= 32 && key < 127) letters.type(String.fromCharCode(key));
  };
  const take = (message: Buffer): void => {
    if (message[0] === 0) {
      ink = whiteOf(message.subarray(4));
      letters.changeAll();
    } else if (message[0] === 3) {
      asked = true;
      if (message[1] === 0) letters.changeAll();
    } else if (message[0] === 4) {
      const key = message.readUInt32BE(4);
      if (message[1]) {
        held.add(key);
        press(key);
      } else held.delete(key);
    }
  };
  /** Takes the next piece off what is unread; undefined: it is not whole. */
  const next = (length: number): Buffer | undefined => {
    if (unread.length < length) return undefined;
    const piece = unread.subarray(0, length);
    unread = unread.subarray(length);
    return piece;
  };
  const advance = (): Buffer | undefined => {
    switch (step) {
      case 'version':
        if (!next(VERSION.length)) return undefined;
        step = 'security';
        return Buffer.from([1, 1]); // one type: none
      case 'security':
        if (!next(1)) return undefined;
        step = 'init';
        return u32(0);
      case 'init':
        if (!next(1)) return undefined;
        step = 'open';
        return Buffer.concat([
          u16(SCREEN.width, SCREEN.height),
          FORMAT,
          u32(Buffer.byteLength(name)),
          Buffer.from(name),
        ]);
      case 'open': {
        const message = unread.length ? next(lengthOf(unread)) : undefined;
        if (!message) return undefined;
        take(message);
        return update();
      }
    }
  };
  return {
    greeting: Buffer.from(VERSION),
    respond: (bytes: Buffer): Buffer => {
      unread = Buffer.concat([unread, bytes]);
      const answers: Buffer[] = [];
      for (let answer = advance(); answer; answer = advance()) answers.push(answer);
      return Buffer.concat(answers);
    },
  };
};
