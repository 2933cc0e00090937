import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { identityOverHttp } from '../../src/ports/identity-over-http.js';
import { meteringOverHttp } from '../../src/ports/metering.js';

/** A peer that knows the component and does not trust it, in the words of identity or of metering, until it does. */
const peer = async (refusal: object, answer: object) => {
  const state = { trusts: false };
  const server = http.createServer((_req, res) => {
    res
      .writeHead(state.trusts ? 200 : 403, { 'Content-Type': 'application/json' })
      .end(JSON.stringify(state.trusts ? answer : refusal));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};
const heard = () => {
  const lines: string[] = [];
  return {
    lines,
    log: pino(
      { level: 'info' },
      { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
    ),
  };
};
const HINT = 'npm run nefos -- component rights nefos-compute --right users.manage --right events.send';

describe('a peer that does not trust this component', () => {
  it('identity: one line with the command that mends it, the caller may try again; one line when it trusts', async () => {
    const { state, url, close } = await peer({ error: { code: 403, reason: 'component.not_trusted' } }, { users: [] });
    const { lines, log } = heard();
    const identity = identityOverHttp({ url, serviceToken: 'x'.repeat(40), log });
    for (const _ of [1, 2])
      await expect(identity.userStates({ limit: 1 })).rejects.toMatchObject({
        kind: 'unavailable',
        code: 'identity_unavailable',
        params: { logged: true },
      });
    expect(lines).toEqual([`identity does not trust this component with users.manage: ${HINT}`]);
    state.trusts = true;
    for (const _ of [1, 2]) await identity.userStates({ limit: 1 });
    expect(lines.slice(1)).toEqual(['identity trusts this component with users.manage again']);
    identity.close();
    close();
  });
  it('metering: the same, and events are kept', async () => {
    const { state, url, close } = await peer({ error: 'component.not_trusted' }, { results: [] });
    const { lines, log } = heard();
    const metering = meteringOverHttp(url, 'x'.repeat(40), log);
    for (const _ of [1, 2]) await expect(metering.send([])).rejects.toMatchObject({ status: 403 });
    expect(lines).toEqual([`metering does not trust this component with events.send: ${HINT}`]);
    state.trusts = true;
    await metering.send([]);
    expect(lines.slice(1)).toEqual(['metering trusts this component with events.send again']);
    metering.stop();
    close();
  });
});
