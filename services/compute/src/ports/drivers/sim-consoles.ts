import { Duplex } from 'node:stream';
import type { Db } from '@nefos/service-kit';
import { DriverError, type ComputeDriver } from '../driver.js';
import { failOnDemand, missing, PAUSED, RUNNING, STATUS } from './sim-changes.js';
import { findMachine, type Machine } from './sim-machines.js';
import { createScreen } from './sim-screen.js';
import type { SimGuest } from './sim-tables.js';

const guestLine = ({ sshKeys, password, userDataBytes }: SimGuest): string =>
  `[    1.900000] cloud-init: ${sshKeys} ssh keys, ${password ? 'a' : 'no'} password, ` +
  `${userDataBytes} bytes of user data`;
/** The log of the last 200 boots. */
const logOf = (machine: Machine): string[] =>
  Array.from({ length: machine.boots }, (_, boot) => [
    `[    0.000000] Linux version 5.10 (simulated), boot ${boot + 1}`,
    `[    0.412000] virtio_net: ${machine.addresses.map((a) => a.addr).join(', ') || 'no address'}`,
    ...(machine.guest && boot === 0 ? [guestLine(machine.guest)] : []),
    promptOf(machine),
  ])
    .slice(-200)
    .flat();
const promptOf = ({ name }: Machine): string => `${name} login:`;
const NOTE = 'This machine is simulated: its console shows what is typed, and nobody logs in.';

/** One side of a conversation. */
interface Talk {
  greeting: Buffer;
  respond: (bytes: Buffer) => Buffer;
}
/** A stream that answers what is written to it, and takes no more while nobody reads the answers. */
const talkingStream = ({ greeting, respond }: Talk): Duplex => {
  let taken: (() => void) | undefined;
  const stream = new Duplex({
    read: () => {
      const go = taken;
      taken = undefined;
      go?.();
    },
    write: (bytes: Buffer, _encoding, done) => {
      let answer: Buffer;
      try {
        answer = respond(bytes);
      } catch (err) {
        done(err as Error);
        return;
      }
      if (!answer.length || stream.push(answer)) done();
      else taken = done;
    },
    final: (done) => {
      stream.push(null);
      done();
    },
  });
  stream.push(greeting);
  return stream;
};

const BACKSPACES = new Set(['\b', '\x7f']);
/** A serial line: the log, then what is typed, as a terminal shows it. */
const serialLine = (machine: Machine): Talk => {
  const prompt = `${promptOf(machine)} `;
  const lines = logOf(machine);
  let typed = 0;
  const shownFor = (letter: string): string => {
    if (letter === '\r' || letter === '\n') {
      typed = 0;
      return `\r\n${prompt}`;
    }
    if (BACKSPACES.has(letter)) {
      if (typed === 0) return '';
      typed -= 1;
      return '\b \b';
    }
    if (letter < ' ') return '';
    typed += 1;
    return letter;
  };
  const decoder = new TextDecoder();
  return {
    greeting: Buffer.from(`${[...lines.slice(0, -1), NOTE].join('\r\n')}\r\n${prompt}`),
    respond: (bytes) => Buffer.from([...decoder.decode(bytes, { stream: true })].map(shownFor).join('')),
  };
};

/** The consoles of simulated machines. @throws DriverError NOT_FOUND, INVALID_STATE, INTERNAL */
export const consoleCalls = (db: Db) =>
  ({
    consoleLog: async ({ portalId }, lines) => {
      const machine = await findMachine(db, portalId);
      if (!machine) throw missing();
      return `${logOf(machine).slice(-lines).join('\n')}\n`;
    },
    connectConsole: async ({ portalId }, type) => {
      const machine = await findMachine(db, portalId);
      if (!machine) throw missing();
      await failOnDemand(db, portalId, 'console', machine);
      if (machine.powerState !== RUNNING && machine.powerState !== PAUSED)
        throw new DriverError('INVALID_STATE', `The machine is ${STATUS[machine.powerState].toLowerCase()}.`);
      if (type === 'serial') return talkingStream(serialLine(machine));
      return talkingStream(createScreen(machine.name, [...logOf(machine).slice(0, -1), NOTE], `${promptOf(machine)} `));
    },
  }) satisfies Partial<ComputeDriver>;
