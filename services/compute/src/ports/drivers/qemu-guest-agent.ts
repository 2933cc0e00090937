import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driver.js';
import { connectSocket } from './qemu-qmp.js';

// The agent within a guest (docs/interop/qemu-ga): a JSON object per line, without a greeting.

/** A guest that is booting has this long until its agent answers. */
const UP_MS = 24_000;
interface Answer {
  return?: unknown;
  error?: { class: string; desc: string };
}
/** @returns undefined: nothing has come in time */
const ask = async (dir: string, requests: readonly object[], ms: number): Promise<Answer[] | undefined> => {
  const socket = await connectSocket(dir, 'qga.sock', ms);
  const answers: Answer[] = [];
  try {
    return await new Promise<Answer[] | undefined>((resolve, reject) => {
      const timer = setTimeout(() => resolve(undefined), ms);
      let rest = '';
      let synced = false;
      const id = randomInt(1, 2 ** 31);
      const send = (value: object): void => void socket.write(`${JSON.stringify(value)}\n`);
      const take = (line: string): void => {
        // What it says before is an answer to somebody else's question.
        const answer = JSON.parse(line.replaceAll('\xff', '')) as Answer;
        if (!synced) {
          synced = answer.return === id;
          if (synced) for (const one of requests) send(one);
          return;
        }
        answers.push(answer);
        if (answers.length < requests.length) return;
        clearTimeout(timer);
        resolve(answers);
      };
      socket.on('error', reject);
      socket.on('close', () => resolve(undefined));
      socket.on('data', (part: Buffer) => {
        rest += part.toString('latin1');
        if (rest.length > 1024 * 1024) return void socket.destroy();
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        try {
          for (const line of lines) if (line.trim()) take(line);
        } catch (err) {
          socket.destroy(err as Error);
        }
        return undefined;
      });
      send({ execute: 'guest-sync', arguments: { id } });
    });
  } finally {
    socket.destroy();
  }
};
/** Whether the agent answers now. */
export const pingGuest = async (dir: string): Promise<boolean> => {
  const [answer] = (await ask(dir, [{ execute: 'guest-ping' }], 1000).catch(() => undefined)) ?? [];
  return answer !== undefined && !answer.error;
};
/** @throws DriverError UNSUPPORTED: no agent answers; GUEST: it refuses */
export const setGuestPassword = async (dir: string, password: string): Promise<void> => {
  const request = {
    execute: 'guest-set-user-password',
    arguments: { username: 'root', password: Buffer.from(password).toString('base64'), crypted: false },
  };
  for (const end = performance.now() + UP_MS; ; await sleep(300)) {
    const [answer] = (await ask(dir, [request], 2500).catch(() => undefined)) ?? [];
    if (answer?.error) throw new DriverError('GUEST', 'The agent of the guest refuses.', { cause: answer.error });
    if (answer) return;
    if (performance.now() > end) throw new DriverError('UNSUPPORTED', 'The guest has no agent that answers.');
  }
};
