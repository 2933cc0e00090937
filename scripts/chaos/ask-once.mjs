// @ts-check
// A write that takes effect once, however often the connection breaks: asked again with the same key until the answer is known.
import { randomUUID } from 'node:crypto';
import { isUnknown } from './wire.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** The first request has taken effect, its answer is lost (contract compute T10). */
const answerLost = ({ status, text }) =>
  status === 409 && text.includes('has taken effect but its answer is not there');

/**
 * @param {object} run `wire`, `journal`, and `over()`: whether nobody may ask any more
 * @returns an asker: `(kind, method, path, options)` to the answer, with `outcome`: `done`, `refused`, `lost` (took effect, answer gone) or
 *   `maybe` (never found out) and `unsure`: whether an attempt before had no answer
 */
export const askerOf =
  ({ wire, journal, over }) =>
  async (
    kind,
    method,
    path,
    { token, key = method === 'POST', headers = {}, json, expect = [200], done = [200, 201, 204], ...more } = {},
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
        return { ...answer, outcome, unsure, again: () => wire.ask(method, path, { headers: all, json, expect }) };
      }
      if (!unsure) note(kind, 'maybe', { ...about, status: answer.status });
      unsure = true;
      if (over()) return { ...answer, outcome: 'maybe', unsure };
      await sleep(Math.min(2000, 150 * 2 ** attempt));
    }
  };
