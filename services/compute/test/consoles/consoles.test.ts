import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFastServer, sql } from '@nefos/service-kit';
import { listening, rawHttp } from '@nefos/testing';
import { takesUpgrade } from '../../src/app.js';
import { createConsoles } from '../../src/consoles/domain/open-consoles.js';
import { insertToken } from '../../src/consoles/store/console-tokens.js';
import { DriverError, type ComputeDriver } from '../../src/ports/driver.js';
import { STAFF, USER, useCloud } from '../cloud-support.js';
import type { As } from '../support.js';
import { eventually, show, tokenIn, type Refused, type Shown } from './console-client.js';

describe('consoles of instances', () => {
  const cloud = useCloud();
  const { service } = cloud;
  let server: Awaited<ReturnType<typeof listening>>;
  let id: string;
  const open: Shown[] = [];

  const ask = async (type?: string, as: As = service.user, instance = id) =>
    (await as.post(`${as === service.staff ? STAFF : USER}/${instance}/console`, type ? { type } : {}).expect(200))
      .body as { url: string; type: string; expires_at: string };
  const tokenOf = async (...args: Parameters<typeof ask>): Promise<string> => tokenIn((await ask(...args)).url);
  const opened = async (token: string, options: Parameters<typeof show>[2] = {}): Promise<Shown> => {
    const found = await show(server.base, token, options);
    if ('status' in found) throw new Error(`${found.status} ${JSON.stringify(found.body)}`);
    open.push(found);
    return found;
  };
  const refused = async (token: string, options: Parameters<typeof show>[2] = {}): Promise<Refused> => {
    const found = await show(server.base, token, options);
    if ('ws' in found) throw new Error('it was opened');
    return found;
  };
  const driven = async (driver: Partial<ComputeDriver>, work: () => Promise<void>): Promise<void> => {
    const { drivers } = service.ctx;
    const { of } = drivers;
    drivers.of = (region) => Object.assign(Object.create(of(region)) as ComputeDriver, driver);
    try {
      await work();
    } finally {
      drivers.of = of;
    }
  };
  const begin = async (instance: string, state: object): Promise<void> => {
    for (const [name, value] of Object.entries(state))
      await sql(service.db, `update instance set ${name} = $2 where id = $1`, [instance, value]);
  };
  const figure = async (): Promise<number> =>
    Number(/^nefos_consoles\{.*\} (\d+)$/m.exec(await service.ctx.metrics.registry.metrics())?.[1]);

  beforeAll(async () => {
    server = await listening(createFastServer(service.app, { upgrades: takesUpgrade }));
    id = await cloud.build({ name: 'shown' });
  });
  afterEach(async () => {
    for (const one of open.splice(0)) one.ws.terminate();
    await eventually('no console is open', async () => (await figure()) === 0);
  });
  afterAll(() => server.close());

  describe('POST .../console', () => {
    it('200: the address of a page with a token, for staff and end users; only its hash is stored', async () => {
      for (const [as, type, said] of [
        [service.user, undefined, 'novnc'],
        [service.user, 'vnc', 'novnc'],
        [service.staff, 'serial', 'serial'],
      ] as const) {
        const body = await ask(type, as);
        expect(body).toEqual({
          url: expect.stringMatching(new RegExp(`^http://cloud.test/console/${type ?? 'vnc'}#token=[\\w-]{43}$`)),
          type: said,
          expires_at: '2026-01-15T14:10:00+02:00',
        });
        const stored = JSON.stringify(
          await sql(service.db, 'select t.*, encode(hash, $1) h from console_token t', ['escape']),
        );
        expect(stored).not.toContain(tokenIn(body.url));
      }
    });
    it('an Idempotency-Key gives no token twice', async () => {
      const twice = async () =>
        (await service.user.post(`${USER}/${id}/console`, {}).set('Idempotency-Key', 'one').expect(200)).body
          .url as string;
      expect(await twice()).not.toBe(await twice());
      expect(await sql(service.db, 'select 1 from idempotency_key')).toEqual([]);
    });
    it('400: another type; null is the screen', async () => {
      expect((await service.user.post(`${USER}/${id}/console`, { type: 'spice' }).expect(400)).body).toEqual({
        type: ['"spice" is not a valid choice.'],
      });
      expect((await service.user.post(`${USER}/${id}/console`, { type: null }).expect(200)).body.type).toBe('novnc');
    });
    it.each([
      ['stopped', { vm_state: 'stopped', power_state: 4 }, 'vm_state stopped', 'invalid_state'],
      ['suspended', { vm_state: 'suspended', power_state: 7 }, 'vm_state suspended', 'invalid_state'],
      ['error', { vm_state: 'error', power_state: 0 }, 'vm_state error', 'invalid_state'],
      ['building', { vm_state: 'building', power_state: 0 }, 'vm_state building', 'invalid_state'],
      ['deleting', { task_state: 'deleting' }, 'task_state deleting', 'busy'],
      ['migrating', { task_state: 'migrating' }, 'task_state migrating', 'busy'],
    ])('409 in the words of an action: %s', async (_name, state, words, code) => {
      const one = await cloud.build();
      await begin(one, state);
      const res = await service.user.post(`${USER}/${one}/console`, {}).expect(409);
      expect([res.body, res.headers['x-error-code']]).toEqual([
        { detail: `Cannot 'console' instance ${one} while it is in ${words}` },
        code,
      ]);
    });
    it('200: paused, rescued, resized, locked, during a reboot', async () => {
      const one = await cloud.build();
      for (const state of [
        { vm_state: 'paused', power_state: 3 },
        { vm_state: 'rescued', power_state: 1 },
        { vm_state: 'resized' },
        { vm_state: 'active', locked_by: 'staff' },
        { task_state: 'rebooting' },
      ]) {
        await begin(one, state);
        await ask('vnc', service.user, one);
      }
    });
    it('403: end users of a suspended client; staff look all the same', async () => {
      await sql(service.db, `update client set hold = 'suspended' where id = $1`, [service.ownClient]);
      expect((await service.user.post(`${USER}/${id}/console`, {}).expect(403)).body).toEqual({
        detail: 'Client is suspended.',
      });
      await ask('vnc', service.staff);
      await sql(service.db, 'update client set hold = null where id = $1', [service.ownClient]);
    });
    it('409: a driver without consoles, and one that does not have this type; 503: one that is away', async () => {
      const { capabilities } = service.ctx.drivers.of('Region1');
      const actions = new Set([...capabilities.actions].filter((one) => one !== 'console'));
      await driven({ capabilities: { ...capabilities, actions } }, async () => {
        const res = await service.user.post(`${USER}/${id}/console`, {}).expect(409);
        expect([res.body, res.headers['x-error-code']]).toEqual([
          { detail: 'console is not supported in this region.' },
          'unsupported',
        ]);
      });
      const refusing = (code: 'UNSUPPORTED' | 'UNAVAILABLE' | 'TIMEOUT' | 'INVALID_STATE') => ({
        connectConsole: () => Promise.reject(new DriverError(code, 'no')),
        openConsole: () => Promise.reject(new DriverError(code, 'no')),
      });
      for (const [code, status, said] of [
        ['UNSUPPORTED', 409, 'unsupported'],
        ['INVALID_STATE', 409, 'invalid_state'],
        ['UNAVAILABLE', 503, 'driver_unavailable'],
        ['TIMEOUT', 503, 'driver_timeout'],
      ] as const) {
        const token = await tokenOf();
        await driven(refusing(code), async () => {
          const res = await service.user.post(`${USER}/${id}/console`, {}).expect(status);
          expect(res.headers['x-error-code']).toBe(said);
          expect(await refused(token)).toMatchObject({ status, code: said });
        });
      }
    });
    it('a cloud that shows consoles itself says where, and no token is made', async () => {
      await sql(service.db, 'delete from console_token');
      const expiresAt = new Date('2026-01-15T13:00:00Z');
      await driven(
        { openConsole: (_ref, type) => Promise.resolve({ url: `http://cloud/${type}`, type: 'novnc', expiresAt }) },
        async () =>
          expect(await ask('serial')).toEqual({
            url: 'http://cloud/serial',
            type: 'novnc',
            expires_at: '2026-01-15T15:00:00+02:00',
          }),
      );
      expect(await sql(service.db, 'select 1 from console_token')).toEqual([]);
    });
    it('the newest ten tokens of a user for an instance are kept, and expired ones are swept', async () => {
      for (let i = 0; i < 13; i += 1) {
        service.clock.advance(1);
        await ask();
      }
      const count = async () =>
        (await sql<{ n: number }>(service.db, 'select count(*)::int n from console_token'))[0]?.n;
      expect(await count()).toBe(10);
      await service.sweep('consoles.expired');
      expect(await count()).toBe(10);
      service.clock.advance(700);
      expect(await service.sweep('consoles.expired')).toEqual({ deleted: 10 });
      expect(await count()).toBe(0);
    });
  });

  describe('GET /console/socket', () => {
    it('a serial line shows the log and what is typed; a screen speaks RFB', async () => {
      const line = await opened(await tokenOf('serial'));
      expect(line.ws.protocol).toBe('binary');
      await line.until('shown login: ');
      expect(line.text()).toMatch(/^\[ +0\.000000\] Linux version 5\.10 \(simulated\), boot 1\r\n/);
      expect(line.text()).toContain('This machine is simulated');
      line.ws.send(Buffer.from('rood\x7ft\r'));
      await line.until('rood\b \bt\r\nshown login: ');
      const screen = await opened(await tokenOf('vnc'));
      await screen.until('RFB 003.008\n');
      screen.ws.send(Buffer.from('RFB 003.008\n\x01\x01'));
      await screen.until('shown');
      expect(await figure()).toBe(2);
    });
    it('a token opens consoles as often as is wanted, two at once, until it expires; open ones go on', async () => {
      const token = await tokenOf('vnc');
      const [one, two] = await Promise.all([opened(token), opened(token)]);
      await Promise.all([one?.until('RFB'), two?.until('RFB')]);
      service.clock.advance(599);
      await opened(token);
      service.clock.advance(1);
      expect(await refused(token)).toEqual({ status: 401, code: 'invalid_token', body: { detail: 'Invalid token.' } });
      service.ctx.consoles.recheck((await uuidOf('demo')) as string);
      await sleep(300);
      expect(one.ws.readyState).toBe(one.ws.OPEN);
    });
    it.each([
      ['none', ''],
      ['an unknown one', 'A'.repeat(43)],
      ['one that is none', '!'.repeat(43)],
      ['a long one', 'A'.repeat(5000)],
    ])('401: %s', async (_name, token) => {
      const protocols = token.startsWith('!') ? ['binary', 'nefos.console.a'] : ['binary', `nefos.console.${token}`];
      expect(await refused(token, { protocols: token === '' ? ['binary'] : protocols })).toMatchObject({
        status: 401,
        code: 'invalid_token',
      });
    });
    it('426: without an offer, whatever it brings', async () => {
      for (const headers of [{}, { Upgrade: 'h2c', Connection: 'Upgrade' }, { Upgrade: 'websocket' }] as Record<
        string,
        string
      >[]) {
        const status = await new Promise<unknown[]>((resolve) => {
          http
            .get(`${server.base}/console/socket`, { headers, agent: false }, (res) => {
              res.resume();
              resolve([res.statusCode, res.headers.upgrade, res.headers['x-error-code']]);
            })
            .on('upgrade', () => resolve(['upgraded']));
        });
        expect(status).toEqual([426, 'websocket', 'validation']);
      }
    });
    it('400: a handshake that is none', async () => {
      const token = await tokenOf();
      expect(await refused(token, { version: 8 })).toMatchObject({ status: 400, code: 'validation' });
      expect(await refused(token, { protocols: [`nefos.console.${token}`] })).toMatchObject({ status: 400 });
      const { port } = new URL(server.base);
      const { answers, closed } = await rawHttp(
        Number(port),
        'GET /console/socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: binary, nefos.console.${token}\r\n\r\n`,
        { answers: Infinity },
      );
      expect([answers.map((one) => one.status), closed]).toEqual([[400], true]);
      expect(await figure()).toBe(0);
    });
    it('403: a page of another origin; ours, by every name that it is known by, and no page at all may', async () => {
      const token = await tokenOf('vnc');
      for (const origin of ['http://evil.test', 'http://cloud.test.evil.test', 'null', 'x'])
        expect([origin, await refused(token, { headers: { Origin: origin } })]).toEqual([
          origin,
          {
            status: 403,
            code: 'permission_denied',
            body: { detail: 'A page of another origin may not open a console.' },
          },
        ]);
      for (const headers of [{ Origin: 'http://cloud.test' }, { Origin: server.base }, {}] as Record<string, string>[])
        await opened(token, { headers });
      await opened(token, { headers: { Origin: 'https://other.test', 'X-Forwarded-Host': 'other.test' } });
    });
    it('the trailing slash and the prefix of a deployment change nothing', async () => {
      const token = await tokenOf('vnc');
      for (const path of ['/backend/console/socket', '/console/socket/']) {
        const at = new URL(path, server.base);
        const found = await show(at.href.replace(/\/console\/socket\/?$/, ''), token);
        expect('ws' in found).toBe(true);
        if ('ws' in found) open.push(found);
      }
    });
  });

  const uuidOf = async (username: string): Promise<string | undefined> =>
    (await sql<{ uuid: string }>(service.db, 'select uuid from portal_user where username = $1', [username]))[0]?.uuid;

  describe('an open console ends when', () => {
    let serial = 0;
    /** A client with a user, an instance, and the user's console. */
    const someone = async (type = 'vnc') => {
      const client = await service.seedClient();
      const user = await service.seedUser({ username: `viewer-${(serial += 1)}`, clients: [client] });
      const instance = await cloud.build({}, client);
      const token = await tokenOf(type, user.as, instance);
      const shown = await opened(token);
      return { client, user, instance, token, shown };
    };
    /** What a notice about the user does in every process. */
    const noticed = (uuid: string): void => {
      service.ctx.callers.drop(uuid);
      service.ctx.consoles.recheck(uuid);
    };
    const GONE = [1008, 'The right to this console has ended.'];

    it('its instance is stopped; the token opens it again when it runs again', async () => {
      const { instance, token, shown } = await someone();
      await cloud.act(instance, 'stop').expect(200);
      await cloud.work();
      expect(await shown.ended()).toEqual([4001, 'The instance does not run.']);
      expect(await refused(token)).toMatchObject({ status: 409, code: 'invalid_state' });
      await cloud.act(instance, 'start').expect(200);
      await cloud.work();
      await opened(token);
    });
    it('its instance is being deleted', async () => {
      const { instance, token, shown } = await someone();
      await service.staff.delete(`${STAFF}/${instance}`).expect(200);
      expect(['The instance is deleted.', 'The instance does not run.']).toContain((await shown.ended())[1]);
      await cloud.work();
      expect(await refused(token)).toMatchObject({ status: 404, code: 'not_found' });
    });
    it('its guest powers off from inside, once compute knows', async () => {
      const { instance, shown } = await someone();
      await service.staff.post(`/staffapi/openstack/simulator/instances/${instance}/power_off`).expect(200);
      await service.sweep('instances.power');
      expect(await shown.ended()).toEqual([4001, 'The instance does not run.']);
    });
    it('its instance becomes that of another client; staff go on', async () => {
      const { client, instance, shown } = await someone();
      const staff = await opened(await tokenOf('vnc', service.staff, instance));
      await sql(service.db, 'update instance set client_id = $2 where id = $1', [instance, service.otherClient]);
      expect(await shown.ended()).toEqual(GONE);
      expect(staff.ws.readyState).toBe(staff.ws.OPEN);
      await sql(service.db, 'update instance set client_id = $2 where id = $1', [instance, client]);
    });
    it.each([
      ['is made inactive', 'update portal_user set is_active = false where uuid = $1'],
      ['is deleted', 'update portal_user set deleted_at = now() where uuid = $1'],
      [
        'is no longer of the client',
        'delete from client_user where user_id = (select id from portal_user where uuid = $1)',
      ],
      [
        'belongs to a client that is suspended',
        `update client set hold = 'suspended' where id in (select client_id from client_user c
          join portal_user u on u.id = c.user_id where u.uuid = $1)`,
      ],
    ])('its user %s; the token is worth nothing then', async (_name, text) => {
      const { user, token, shown } = await someone();
      await sql(service.db, text, [user.uuid]);
      noticed(user.uuid);
      expect(await shown.ended()).toEqual(GONE);
      expect(await refused(token)).toMatchObject({ status: 401, code: 'invalid_token' });
    });
    it('staff who asked for it are staff no longer', async () => {
      const { instance } = await someone();
      const staff = await service.seedUser({ username: 'staff-for-now', staff: true });
      const token = tokenIn((await staff.as.post(`${STAFF}/${instance}/console`, {}).expect(200)).body.url as string);
      const shown = await opened(token);
      await sql(service.db, 'update portal_user set is_staff = false where id = $1', [staff.id]);
      noticed(staff.uuid);
      expect(await shown.ended()).toEqual(GONE);
    });
    it('the API token with which it was asked for is deleted', async () => {
      const { user, instance } = await someone();
      const made = (await user.as.post('/api/tokens', { name: 'short' }).expect(201)).body as {
        id: number;
        key: string;
      };
      const token = await tokenOf('vnc', service.as(made.key), instance);
      const shown = await opened(token);
      await user.as.delete(`/api/tokens/${made.id}`).expect(204);
      noticed(user.uuid);
      expect(await shown.ended()).toEqual(GONE);
      expect(await refused(token)).toMatchObject({ status: 401 });
    });
    it('that token expires', async () => {
      const { user, instance } = await someone();
      const principal = service.identity.tokens.get(user.token) as unknown as Record<string, unknown>;
      service.identity.tokens.set('f'.repeat(40), {
        ...principal,
        auditId: 'other',
        tokenExpires: new Date(service.clock.now().getTime() + 60_000).toISOString(),
      } as never);
      // The verifier goes by the true clock, the console's end by the service's.
      await sql(service.db, 'delete from console_token');
      await service.user.post(`${USER}/${id}/console`, {}).expect(200);
      const token = await tokenOf('vnc', user.as, instance);
      await sql(service.db, 'update console_token set credential_expires_at = $1 where user_id = $2', [
        new Date(service.clock.now().getTime() + 60_000),
        user.id,
      ]);
      const shown = await opened(token);
      service.clock.advance(61);
      noticed(user.uuid);
      expect(await shown.ended()).toEqual(GONE);
      expect(await refused(token)).toMatchObject({ status: 401 });
    });
    it('the session with which it was asked for ends; while identity is away it goes on', async () => {
      const { user, instance } = await someone();
      const res = await service.nobody
        .post('/api/login', { username: `viewer-${serial}`, password: `password of viewer-${serial}` })
        .expect(200);
      const lines = res.headers['set-cookie'] as unknown as string[];
      const headers = {
        Cookie: lines.map((line) => line.split(';')[0]).join('; '),
        'X-CSRFToken': /csrftoken=([^;]+)/.exec(lines.join('\n'))?.[1] ?? '',
      };
      const made = await service.nobody.post(`${USER}/${instance}/console`, {}).set(headers).expect(200);
      const shown = await opened(tokenIn((made.body as { url: string }).url));
      const forget = (): void => (service.ctx.sessions as unknown as { forgetAll(): void }).forgetAll();
      service.identity.down = true;
      forget();
      noticed(user.uuid);
      await sleep(300);
      expect(shown.ws.readyState).toBe(shown.ws.OPEN);
      service.identity.down = false;
      service.identity.sessions.clear();
      forget();
      await eventually('it ends', async () => {
        noticed(user.uuid);
        await sleep(100);
        return shown.ws.readyState !== shown.ws.OPEN;
      });
      expect(await shown.ended()).toEqual(GONE);
    });
    it('a serial line is opened elsewhere: it has one reader', async () => {
      const { token, shown } = await someone('serial');
      await opened(token);
      expect(await shown.ended()).toEqual([4009, 'The serial line was opened elsewhere.']);
    });
    it.each([
      ['ends', (far: PassThrough) => void far.end('bye'), 1000, 'bye'],
      ['breaks', (far: PassThrough) => void far.destroy(new Error('broken')), 1011, ''],
    ])('the machine %s it; what it said before is shown', async (_name, end, code, words) => {
      const far = new PassThrough();
      const token = await tokenOf('vnc');
      await driven({ connectConsole: () => Promise.resolve(far as Duplex) }, async () => {
        const shown = await opened(token);
        end(far);
        expect((await shown.ended())[0]).toBe(code);
        expect(shown.text()).toBe(words);
      });
    });
    it('the client leaves: the machine is let go', async () => {
      const far = new PassThrough();
      const token = await tokenOf('vnc');
      await driven({ connectConsole: () => Promise.resolve(far as Duplex) }, async () => {
        const shown = await opened(token);
        shown.ws.terminate();
        await eventually('the stream is closed', () => far.destroyed);
      });
    });
    it('what is in front of it ends its side: the client gets a goodbye', async () => {
      const token = await tokenOf('vnc');
      const relay = net.createServer({ allowHalfOpen: true }, (client) => {
        const far = net.connect({ port: Number(new URL(server.base).port), host: '127.0.0.1', allowHalfOpen: true });
        client.pipe(far);
        far.pipe(client);
        far.on('error', () => undefined);
        client.on('error', () => undefined);
        stop = () => {
          client.unpipe(far);
          far.end();
        };
      });
      let stop = (): void => undefined;
      relay.listen(0, '127.0.0.1');
      await once(relay, 'listening');
      const found = await show(`http://127.0.0.1:${(relay.address() as AddressInfo).port}`, token);
      if (!('ws' in found)) throw new Error(JSON.stringify(found));
      await found.until('RFB');
      stop();
      expect(await found.ended()).toEqual([1001, 'The service is being restarted.']);
      relay.close();
    });
  });

  describe('limits', () => {
    it('429: one more console of an instance; 503: one more of the process; places are given back', async () => {
      const token = await tokenOf('vnc');
      const places = await Promise.all(Array.from({ length: 10 }, () => opened(token)));
      expect(await refused(token)).toMatchObject({ status: 429, code: 'throttled' });
      places[0]?.ws.close();
      await eventually('a place is free', async () => (await figure()) === 9);
      await opened(token);
      const client = await service.seedClient();
      for (const more of [1, 2]) {
        const other = await tokenOf('vnc', service.staff, await cloud.build({ name: `more-${more}` }, client));
        await Promise.all(Array.from({ length: 10 }, () => opened(other)));
      }
      const last = await tokenOf('vnc', service.staff, await cloud.build({ name: 'last' }, client));
      expect(await refused(last)).toEqual({
        status: 503,
        code: 'no_capacity',
        body: { detail: 'Too many consoles are open; try again in a moment.' },
      });
    });
    it('a message beyond 256 KiB ends the console', async () => {
      const shown = await opened(await tokenOf('serial'));
      shown.ws.send(Buffer.alloc(256 * 1024 + 1));
      expect((await shown.ended())[0]).toBe(1009);
    });
    it('what is no RFB ends a simulated screen', async () => {
      const shown = await opened(await tokenOf('vnc'));
      shown.ws.send(Buffer.from('RFB 003.008\n\x01\x01\xff\xff\xff\xff', 'latin1'));
      expect((await shown.ended())[0]).toBe(1011);
    });
    it('a client that reads nothing stops the machine; one that sends too fast waits for it', async () => {
      const ALL = 64 * 1024 * 1024;
      let given = 0;
      let taken = 0;
      const far = new Duplex({
        read() {
          given += 65_536;
          this.push(given > ALL ? null : Buffer.alloc(65_536, 1));
        },
        // It takes one piece, and never says that it may have another.
        write: () => (taken += 1),
      });
      const token = await tokenOf('vnc');
      await driven({ connectConsole: () => Promise.resolve(far) }, async () => {
        const shown = await opened(token);
        shown.ws.pause();
        await sleep(500);
        const before = given;
        await sleep(500);
        expect([given - before, given < ALL / 2]).toEqual([0, true]);
        for (let i = 0; i < 400; i += 1) shown.ws.send(Buffer.alloc(65_536));
        await sleep(500);
        expect([taken, far.writableLength < 1_000_000]).toEqual([1, true]);
        shown.ws.resume();
        expect((await shown.ended())[0]).toBe(1000);
        expect(shown.text()).toHaveLength(ALL);
      });
    }, 30_000);
    it('a client that breaks off ends a machine that never stops to speak', async () => {
      const far = new Duplex({
        read() {
          this.push(Buffer.alloc(65_536, 1));
        },
        write: (_bytes, _encoding, done) => done(),
      });
      const token = await tokenOf('vnc');
      await driven({ connectConsole: () => Promise.resolve(far) }, async () => {
        const shown = await opened(token);
        shown.ws.pause();
        await sleep(100);
        shown.ws.terminate();
        await eventually('the machine is let go', () => far.destroyed);
      });
    });
    it('401: a user who is deleted while a console is asked for', async () => {
      const token = {
        hash: Buffer.from('gone'),
        instanceId: id,
        userId: 2_000_000_000,
        type: 'vnc' as const,
        auditId: null,
        bySession: false,
        credentialExpiresAt: null,
        expiresAt: new Date().toISOString(),
      };
      await expect(service.db.transaction((tx) => insertToken(tx, token, 10))).rejects.toMatchObject({
        kind: 'unauthenticated',
      });
    });
    it('429: one user may not take the places of all', async () => {
      const { ctx } = service;
      const consoles = createConsoles(
        { ...ctx, metrics: { ...ctx.metrics, gauge: () => ({ set: () => undefined }) as never } },
        { perInstance: 2, perUser: 2, perProcess: 9 },
      );
      const enter = (instanceId: string, userId: number) =>
        consoles.enter(
          {
            instanceId,
            userId,
            uuid: `u${userId}`,
            type: 'vnc',
            auditId: null,
            bySession: false,
            credentialExpiresAt: null,
          },
          () => Promise.resolve({}),
        );
      const mine = [enter('a', 1), enter('b', 1)];
      expect(() => enter('c', 1)).toThrow('throttled');
      mine.push(enter('c', 2));
      mine[0]?.leave();
      mine.push(enter('c', 1));
      for (const one of mine) one.leave();
      await consoles.stop();
    });
    it('a stop says goodbye to all, and takes no longer than it must', async () => {
      const { ctx } = service;
      const consoles = createConsoles(
        { ...ctx, metrics: { ...ctx.metrics, gauge: () => ({ set: () => undefined }) as never } },
        { perInstance: 2, perUser: 2, perProcess: 2 },
      );
      const grant = { instanceId: id, userId: 1, uuid: 'x', type: 'vnc', auditId: null, bySession: false } as const;
      const confirm = () => Promise.resolve({});
      const place = consoles.enter({ ...grant, credentialExpiresAt: null }, confirm);
      const reasons: string[] = [];
      place.onEnd((reason) => {
        reasons.push(reason);
        setTimeout(place.leave, 50);
      });
      const began = Date.now();
      await consoles.stop();
      expect([reasons, Date.now() - began < 1000]).toEqual([['shutdown'], true]);
      expect(() => consoles.enter({ ...grant, credentialExpiresAt: null }, confirm)).toThrow('console.too_many');
    });
  });

  describe('the pages', () => {
    const get = (path: string, init: RequestInit = {}) => fetch(server.base + path, init);
    it.each(['vnc', 'serial'])('200: /console/%s, with a policy that lets in nothing from elsewhere', async (type) => {
      const res = await get(`/console/${type}`);
      expect([res.status, res.headers.get('content-type'), res.headers.get('referrer-policy')]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-referrer',
      ]);
      const policy = res.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).toContain("connect-src 'self' ws://cloud.test;");
      const html = await res.text();
      expect(html).not.toMatch(/<script(?![^>]*src=)|\son\w+=|\sstyle=|https?:/);
      // Everything that it names is there.
      for (const [, file] of html.matchAll(/(?:src|href)="(files\/[^"]+)"/g)) {
        const found = await get(`/console/${file}`);
        expect([file, found.status]).toEqual([file, 200]);
        expect(found.headers.get('x-content-type-options')).toBe('nosniff');
      }
      expect((await get(`/console/${type}`, { method: 'HEAD' })).status).toBe(200);
      expect((await get(`/console/${type}`, { method: 'POST' })).status).toBe(405);
      expect(
        (await get(`/console/${type}`, { headers: { 'If-None-Match': res.headers.get('etag') ?? '' } })).status,
      ).toBe(304);
    });
    it('every module that the scripts import is there, and is JavaScript', async () => {
      const seen = new Set<string>();
      const visit = async (at: string): Promise<void> => {
        if (seen.has(at)) return;
        seen.add(at);
        const res = await get(at);
        expect([at, res.status, res.headers.get('content-type')]).toEqual([at, 200, 'text/javascript; charset=utf-8']);
        const text = await res.text();
        if (text.length > 300_000) return; // one bundle
        for (const [, name] of text.matchAll(/^(?:import|export) [^;]*?['"](\.[^'"]+)['"];?$/gm))
          await visit(new URL(name as string, server.base + at).pathname);
      };
      for (const page of ['vnc', 'serial']) await visit(`/console/files/page/${page}.js`);
      expect(seen.size).toBeGreaterThan(30);
    });
    it.each([
      '/console',
      '/console/files',
      '/console/files/page/',
      '/console/files/page/../../package.json',
      '/console/files/page/%2e%2e/%2e%2e/package.json',
      '/console/files/page/..%2f..%2fpackage.json',
      '/console/files/novnc/package.json',
      '/console/files/xterm/package.json',
      '/console/files/page/vnc.js%00',
      '/console/spice',
    ])('404: %s', async (path) => {
      const { answers } = await rawHttp(
        Number(new URL(server.base).port),
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(answers.map((one) => [one.status, one.headers['x-error-code']])).toEqual([[404, 'not_found']]);
    });
  });
});
