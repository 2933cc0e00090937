// @ts-check
// A write that takes effect once, however often the connection breaks: asked again with the same key until the answer
// is known.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUnknown } from './wire.mjs';

/** The first request has taken effect, its answer is lost (contract compute T10). */
const answerLost = ({ status, text }) =>
  status === 409 && text.includes('has taken effect but its answer is not there');

/**
 * What a write is: `key`: sent with an Idempotency-Key; `done`: statuses after which it has taken effect.
 * @typedef {{ token?: string, key?: boolean, headers?: Record<string, string>, json?: any, expect?: number[], done?:
 *   number[],
 *   timeoutMs?: number }} Write
 */
/**
 * @param {{ wire: ReturnType<typeof import('./wire.mjs').createWire>, journal: ReturnType<typeof
 *   import('./journal.mjs').openJournal>,
 *   over: () => boolean }} run `over`: the run ends, so an open question stays open
 * @returns an asker: `(kind, method, path, options)` to the answer, with `outcome`: `done`, `refused`, `lost` (took
 *   effect, answer
 *   gone) or `maybe` (never found out) and `unsure`: whether an earlier attempt had no answer
 */
export const askerOf =
  ({ wire, journal, over }) =>
  async (
    /** @type {string} */
    kind,
    /** @type {string} */
    method,
    /** @type {string} */
    path,
    {
      token,
      key = method === 'POST',
      headers = {},
      json,
      expect = [200],
      done = [200, 201, 204],
      ...more
    } = /** @type {Write} */ ({}),
  ) => {
    const idempotency = key ? randomUUID() : undefined;
    const all = {
      ...headers,
      ...(token && { Authorization: `Token ${token}` }),
      ...(idempotency && { 'Idempotency-Key': idempotency }),
    };
    const about = {
      method,
      path,
      ...(idempotency && { key: idempotency }),
      ...(json && { json: { ...json, user: undefined, password: undefined } }),
    };
    const note = kind === 'look' ? () => undefined : journal.note;
    let unsure = false;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await wire.ask(method, path, {
        headers: all,
        json,
        expect: idempotency ? [...expect, 409] : expect,
        ...more,
      });
      if (!isUnknown(answer)) {
        const outcome = answerLost(answer) ? 'lost' : done.includes(answer.status) ? 'done' : 'refused';
        if (unsure) note(kind, 'resolved', { ...about, outcome });
        note(kind, outcome === 'refused' ? 'refused' : 'acknowledged', { ...about, status: answer.status });
        return { ...answer, outcome, unsure, repeat: () => wire.ask(method, path, { headers: all, json, expect }) };
      }
      if (!unsure) note(kind, 'maybe', { ...about, status: answer.status });
      unsure = true;
      if (over()) return { ...answer, outcome: 'maybe', unsure };
      await sleep(Math.min(2000, 150 * 2 ** attempt));
    }
  };
