import { existsSync, readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawHttp } from '@nefos/testing';
import { ask } from './stack.js';
import { supervisor } from './supervisor.js';

jest.setTimeout(180_000);

type Name = keyof Awaited<ReturnType<typeof supervisor>>['ports'];
const NAMES: readonly Name[] = ['GATEWAY', 'IDENTITY', 'COMPUTE', 'METERING', 'INTROSPECTION'];
const linux = existsSync('/proc/self/stat');
if (!linux) process.stderr.write('memory of the services is not measured: there is no /proc\n');

/** Resident memory of a child of `parent` that runs a service, in MB. */
const memoryOf = (parent: number, name: Name): number => {
  const found = readdirSync('/proc').find((pid) => {
    try {
      return (
        / (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.slice(1) ?? '')?.[1] ===
          String(parent) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`services/${name.toLowerCase()}/dist/main.js`)
      );
    } catch {
      return false;
    }
  });
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${found}/status`, 'utf8'))?.[1]) / 1024;
};
/** Sockets that send many requests at once and read nothing. */
const deaf = (port: number, message: string, sockets: number): { close: () => void } => {
  const all = Array.from({ length: sockets }, () => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(message));
    socket.on('error', () => undefined);
    return socket.pause();
  });
  return { close: () => all.forEach((one) => one.destroy()) };
};

describe('connections of strangers, at the gateway and at each service', () => {
  let nefos: Awaited<ReturnType<typeof supervisor>>;
  let rh: string;
  beforeAll(async () => {
    nefos = await supervisor();
    void nefos.run();
    await nefos.ready();
    rh = Buffer.from(
      JSON.stringify({ identity: { account_number: nefos.credentials().metering.account_number } }),
    ).toString('base64');
  });
  afterAll(() => nefos.close());

  it.each([
    ['GATEWAY', '/openapi/compute.json'],
    ['IDENTITY', '/openapi.json'],
    ['COMPUTE', '/openapi.json'],
    ['METERING', '/openapi.json'],
    ['INTROSPECTION', '/openapi.json'],
  ] as const)('200 of them with 20 unread answers each leave %s well: %s', async (name, path) => {
    const before = linux ? memoryOf(nefos.pid(), name) : 0;
    const attack = deaf(
      nefos.ports[name],
      `GET ${path} HTTP/1.1\r\nHost: x\r\nX-RH-IDENTITY: ${rh}\r\n\r\n`.repeat(20),
      200,
    );
    const times: number[] = [];
    try {
      for (const end = Date.now() + 4000; Date.now() < end; await sleep(50)) {
        const start = performance.now();
        const { status } = await ask(`http://127.0.0.1:${nefos.ports[name]}/healthz`);
        times.push(performance.now() - start);
        expect(status).toBe(200);
      }
      if (linux) expect(memoryOf(nefos.pid(), name) - before).toBeLessThan(300);
    } finally {
      attack.close();
    }
    expect(Math.max(...times)).toBeLessThan(5000);
  });

  const exchange = (name: Name, message: string) =>
    rawHttp(nefos.ports[name], message, { answers: Infinity, seconds: 8 });
  const PATH: Record<Name, string> = {
    GATEWAY: '/identity/v2.0/nothing',
    IDENTITY: '/identity/v2.0/nothing',
    COMPUTE: '/staffapi/clients',
    METERING: '/v2/accounts/',
    INTROSPECTION: '/v1/introspection',
  };
  const FAULT: Record<Name, RegExp> = {
    GATEWAY: /"badRequest"/,
    IDENTITY: /"badRequest"/,
    COMPUTE: /^{"detail":/,
    METERING: /^{"detail":/,
    INTROSPECTION: /^{"error":{"message":/,
  };
  /** The answer to an ordinary request for that path without credentials. */
  const PLAIN: Record<Name, number> = { GATEWAY: 400, IDENTITY: 400, COMPUTE: 401, METERING: 403, INTROSPECTION: 401 };

  it.each(NAMES)(
    '%s: repeated and missing headers are 400 in its own words, once, and the connection ends',
    async (name) => {
      for (const headers of [
        'Host: x\r\nHost: y',
        'Accept: */*',
        'Host: x\r\nX-Auth-Token: a\r\nX-Auth-Token: b',
        'Host: x\r\nAuthorization: Token a\r\nAuthorization: Token b',
        'Host: x\r\nX-RH-IDENTITY: a\r\nX-RH-IDENTITY: b',
      ]) {
        const { answers, closed, rest } = await exchange(name, `GET ${PATH[name]} HTTP/1.1\r\n${headers}\r\n\r\n`);
        expect([headers, answers.map((a) => a.status), closed, rest]).toEqual([headers, [400], true, '']);
        expect(answers[0]?.body).toMatch(FAULT[name]);
      }
    },
  );
  it.each(NAMES)('%s: HTTP/1.0, the absolute form and offers of other protocols are served', async (name) => {
    for (const message of [
      `GET ${PATH[name]} HTTP/1.0\r\n\r\n`,
      `GET http://any.host:81${PATH[name]} HTTP/1.0\r\n\r\n`,
      `GET http://any.host:81${PATH[name]} HTTP/1.1\r\nHost: any.host:81\r\nConnection: close\r\n\r\n`,
      `GET ${PATH[name]} HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ]) {
      const { answers, closed } = await exchange(name, message);
      expect([message, answers.map((a) => a.status), closed]).toEqual([message, [PLAIN[name]], true]);
      expect(answers[0]?.body).toMatch(FAULT[name]);
    }
  });
  it.each(NAMES)('%s: whatever else is asked gets one answer', async (name) => {
    const more = 'Host: x\r\nConnection: close\r\n\r\n';
    for (const [message, wanted] of [
      [`CONNECT x:1 HTTP/1.1\r\n${more}`, [405]],
      [`OPTIONS * HTTP/1.1\r\n${more}`, [204]],
      [`GET ${PATH[name]} HTTP/1.1\r\nExpect: wonders\r\n${more}`, [417]],
      // Introspection does not mind slashes at the beginning, as its original.
      [`GET /${PATH[name]} HTTP/1.1\r\n${more}`, [400, name === 'INTROSPECTION' ? 401 : 404]],
      [`TRACE ${PATH[name]} HTTP/1.1\r\n${more}`, [400, 401, 403, 405]],
      [`BREW ${PATH[name]} HTTP/1.1\r\n${more}`, [400]],
      [`GET ${PATH[name]} HTTP/2.0\r\n${more}`, [400]],
      [`POST ${PATH[name]} HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n${more}0\r\n\r\n`, [400]],
    ] as const) {
      const { answers, rest, closed } = await exchange(name, message);
      expect([message, answers.length, rest, closed]).toEqual([message, 1, '', true]);
      expect(wanted).toContain(answers[0]?.status);
    }
  });
  it('and all of them live', async () => {
    expect((await ask(`${nefos.gateway}/healthz`)).status).toBe(200);
    expect(nefos.output()).not.toMatch(/died/);
  });
});
