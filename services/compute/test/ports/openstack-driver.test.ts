import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { ComputeDriver, DriverError } from '../../src/ports/driver.js';
import { encodedGuestData, guestData } from '../../src/ports/drivers/guest-data.js';
import { refusedBy, unreachable } from '../../src/ports/drivers/openstack-errors.js';
import { openstackKind } from '../../src/ports/drivers/openstack-kind.js';
import { negotiate, versioned, versionsAt } from '../../src/ports/drivers/openstack-session.js';
import { recordedOpenstack } from './recorded-openstack.js';

const ref = { portalId: randomUUID(), backendId: null };

describe("OpenStack's errors as the portal knows them (contract compute §11.2)", () => {
  const nova = (kind: string, message: string) => ({ [kind]: { code: 0, message } });
  it.each([
    [400, nova('badRequest', 'Invalid input'), 'INVALID_REQUEST', false],
    [401, { error: { message: 'no' } }, 'AUTH', false],
    [403, nova('forbidden', 'Quota exceeded for instances: Requested 1, but already used 10 of 10'), 'QUOTA', false],
    [403, nova('forbidden', "Policy doesn't allow it"), 'FORBIDDEN', false],
    [404, nova('itemNotFound', 'Instance x could not be found.'), 'NOT_FOUND', false],
    [404, '404 Not Found\n\nThe resource could not be found.', 'UNSUPPORTED', false],
    [404, { message: 'The resource could not be found.', code: '404 Not Found' }, 'UNSUPPORTED', false],
    [409, { NeutronError: { message: 'No more IP addresses available on network x.' } }, 'NO_CAPACITY', false],
    [406, {}, 'UNSUPPORTED', false],
    [
      409,
      nova('conflictingRequest', "Cannot 'pause' instance x while it is in vm_state stopped"),
      'INVALID_STATE',
      true,
    ],
    [409, nova('conflictingRequest', 'Port x is still in use.'), 'CONFLICT', true],
    [409, { NeutronError: { message: 'Quota exceeded for resources: port' } }, 'QUOTA', false],
    [413, nova('overLimit', 'too many'), 'QUOTA', false],
    [429, {}, 'RATE_LIMITED', true],
    [500, nova('computeFault', 'Unexpected API Error. host db-7'), 'UNAVAILABLE', true],
    [502, '<html>', 'UNAVAILABLE', true],
    [503, {}, 'UNAVAILABLE', true],
    [504, {}, 'UNAVAILABLE', true],
    [501, {}, 'UNSUPPORTED', false],
    [418, {}, 'INTERNAL', false],
    [302, '', 'INTERNAL', false],
  ])('%i %j is %s', (status, body, code, retryable) => {
    expect(refusedBy({ service: 'compute', status, body })).toMatchObject({ code, retryable });
  });
  it('of Neutron, too: a route that is not there is UNSUPPORTED, a thing that is not there NOT_FOUND', () => {
    const neutron = (type: string) =>
      refusedBy({
        service: 'network',
        status: 404,
        body: { NeutronError: { type, message: 'Not found.', detail: '' } },
      });
    expect([neutron('HTTPNotFound').code, neutron('RouterNotFound').code]).toEqual(['UNSUPPORTED', 'NOT_FOUND']);
  });
  it('413 with Retry-After is a rate limit; the pause is kept, an hour at most', () => {
    const after = (retryAfter: string) => refusedBy({ service: 'compute', status: 413, retryAfter, body: {} });
    expect(after('7')).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 7000 });
    expect(after('999999999')).toMatchObject({ retryAfterMs: 3_600_000 });
    expect(after(new Date(Date.now() + 60_000).toUTCString()).retryAfterMs).toBeGreaterThan(55_000);
    expect(after('soon').retryAfterMs).toBeUndefined();
    expect(refusedBy({ service: 'compute', status: 503, retryAfter: '3', body: {} }).retryAfterMs).toBe(3000);
  });
  it("the cloud's words about itself are not shown; about the request they are", () => {
    expect(
      refusedBy({ service: 'compute', status: 500, body: nova('computeFault', 'host db-7') }).message,
    ).not.toContain('db-7');
    expect(refusedBy({ service: 'compute', status: 400, body: nova('badRequest', 'Bad name') }).message).toBe(
      'Bad name',
    );
  });
  it('no answer is TIMEOUT or UNAVAILABLE', () => {
    expect(unreachable('compute', { code: 'ECONNREFUSED' })).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(unreachable('compute', { code: 'ERR_CANCELED' })).toMatchObject({ code: 'TIMEOUT', retryable: true });
  });
});

describe('versions of the services', () => {
  it('the endpoint of the catalog gets its version, and tells its microversions beside the project', () => {
    expect(versioned('image', 'http://x:9292')).toBe('http://x:9292/v2');
    expect(versioned('image', 'http://x:9292/v2/')).toBe('http://x:9292/v2');
    expect(versioned('network', 'http://x/network/')).toBe('http://x/network/v2.0');
    expect(versioned('compute', 'http://x/v2.1/0123456789abcdef')).toBe('http://x/v2.1/0123456789abcdef');
    expect(versionsAt('http://x/v2.1/0123456789abcdef')).toBe('http://x/v2.1/');
    expect(versionsAt('http://x/compute/v2.1')).toBe('http://x/compute/v2.1/');
  });
  it('the microversion is the newest that both know; too old ones are refused', () => {
    expect(negotiate('2.93')).toBe('2.93');
    expect(negotiate('2.53')).toBe('2.53');
    expect(negotiate('2.200')).toBe('2.93');
    for (const old of ['2.52', '2.1', '', undefined, '3.1'])
      expect(() => negotiate(old)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }) as Error);
  });
});

describe('the OpenStack driver and a recorded OpenStack', () => {
  let cloud: Awaited<ReturnType<typeof recordedOpenstack>>;
  const drivers: ComputeDriver[] = [];
  const open = (more: Record<string, unknown> = {}): ComputeDriver => {
    const driver = openstackKind.create({
      settings: openstackKind.settings.parse({ auth_url: cloud.url, username: 'admin', project: 'admin', ...more }),
      secrets: openstackKind.secrets.parse({ password: 'the-secret' }),
    });
    drivers.push(driver);
    return driver;
  };
  beforeEach(async () => {
    cloud = await recordedOpenstack();
  });
  afterEach(async () => {
    for (const driver of drivers.splice(0)) await driver.close?.();
    cloud.close();
  });
  const servers = (list: object[], next = false) => ({
    body: { servers: list, ...(next && { servers_links: [{ rel: 'next' }] }) },
  });
  const server = (id: string, portalId?: string, more: object = {}) => ({
    id,
    name: id,
    status: 'ACTIVE',
    tenant_id: 't',
    created: '2026-01-01T00:00:00Z',
    updated: '2020-01-01T00:00:00Z',
    tags: portalId === undefined ? ['other'] : [`pcp-${portalId}`],
    'OS-EXT-STS:vm_state': 'active',
    'OS-EXT-STS:task_state': null,
    'OS-EXT-STS:power_state': 1,
    ...more,
  });

  it('counters are those of the diagnostics, by interface; figures that are missing are left out', async () => {
    cloud.state.answer = ({ path }) => {
      if (path.endsWith('/servers/detail')) return servers([server('s1', ref.portalId)]);
      // As Nova 2023.1 with libvirt answered at microversion 2.93.
      if (path.endsWith('/servers/s1/diagnostics'))
        return {
          body: {
            state: 'running',
            driver: 'libvirt',
            hypervisor: 'kvm',
            uptime: 46664,
            nic_details: [
              {
                mac_address: 'fa:16:3e:01:02:03',
                rx_octets: 9007199254740993,
                rx_packets: 26701,
                tx_octets: 140208,
                tx_packets: 662,
              },
              { mac_address: 'fa:16:3e:01:02:04', rx_octets: null, tx_octets: null },
            ],
          },
        };
      return undefined;
    };
    const driver = open();
    expect(driver.capabilities.actions.has('counters')).toBe(true);
    expect(await driver.counters?.(ref)).toEqual([{ mac: 'fa:16:3e:01:02:03', rx: expect.any(BigInt), tx: 140208n }]);
    cloud.state.answer = ({ path }) => {
      if (path.endsWith('/servers/detail')) return servers([server('s1', ref.portalId)]);
      return path.endsWith('/diagnostics')
        ? {
            status: 409,
            body: {
              conflictingRequest: { message: `Cannot 'get_diagnostics' instance s1 while it is in vm_state stopped` },
            },
          }
        : undefined;
    };
    await expect(driver.counters?.(ref)).rejects.toMatchObject({ code: 'INVALID_STATE' });
    cloud.state.answer = ({ path }) => (path.endsWith('/servers/detail') ? servers([]) : undefined);
    await expect(driver.counters?.(ref)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
  it('one token serves many calls, also when they come at once', async () => {
    cloud.state.answer = ({ path }) => (path.endsWith('/servers/detail') ? servers([]) : undefined);
    const driver = open();
    await Promise.all(Array.from({ length: 20 }, () => driver.get(ref)));
    expect(cloud.state.issued).toBe(1);
    expect(cloud.heard.filter(({ path }) => path === '/compute/v2.1/')).toHaveLength(1);
    expect(cloud.heard.at(-1)).toMatchObject({ token: 'token-1', version: 'compute 2.93' });
  });
  it('a token is renewed before its end', async () => {
    cloud.state.life = 1;
    cloud.state.answer = ({ path }) => (path.endsWith('/servers/detail') ? servers([]) : undefined);
    const driver = open();
    await driver.get(ref);
    await driver.get(ref);
    expect(cloud.state.issued).toBe(1);
    await new Promise((resolve) => {
      setTimeout(resolve, 600);
    });
    await driver.get(ref);
    expect(cloud.state.issued).toBe(2);
  });
  it('a token that the cloud refuses is renewed once; twice refused is AUTH', async () => {
    cloud.state.answer = ({ path, token = '' }) =>
      path.endsWith('/servers/detail') && !cloud.state.dead.has(token) ? servers([]) : undefined;
    const driver = open();
    await driver.get(ref);
    cloud.state.dead.add('token-1');
    expect(await driver.get(ref)).toBeNull();
    expect(cloud.state.issued).toBe(2);
    for (let i = 2; i < 9; i += 1) cloud.state.dead.add(`token-${i}`);
    await expect(driver.get(ref)).rejects.toMatchObject({ code: 'AUTH', retryable: false });
    expect(cloud.state.issued).toBe(3);
  });
  it('wrong credentials are AUTH, said by health too, and the password is in no error', async () => {
    cloud.state.answer = ({ path, body }) =>
      path === '/v3/auth/tokens' ? { status: 401, body: { error: { message: JSON.stringify(body) } } } : undefined;
    const driver = open();
    const err: unknown = await driver.get(ref).catch((one: unknown) => one);
    expect(err).toMatchObject({ code: 'AUTH' });
    expect((err as DriverError).message).not.toContain('the-secret');
    expect(await driver.health()).toEqual({ ok: false, detail: 'The identity service of the cloud answered 401.' });
  });
  it('the endpoint is that of the interface and the region', async () => {
    cloud.state.elsewhere = [{ interface: 'internal', region_id: 'Other', url: `${cloud.url}/compute/v2.1/inside` }];
    cloud.state.answer = ({ path }) => (path.endsWith('/servers/detail') ? servers([]) : undefined);
    await open({ interface: 'internal', region: 'Other' }).get(ref);
    expect(cloud.heard.at(-1)?.path).toBe('/compute/v2.1/inside/servers/detail');
    await expect(open({ interface: 'admin' }).get(ref)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: "The cloud's catalog has no admin endpoint of compute.",
    });
  });
  it('a cloud that is too old is refused', async () => {
    cloud.state.newest = '2.38';
    expect(await open().health()).toEqual({
      ok: false,
      detail: 'The compute service of the cloud offers 2.38: 2.53 is needed.',
    });
  });
  it('silence is TIMEOUT in the time of the setting; a redirect is not followed with the token', async () => {
    cloud.state.answer = ({ path }) => (path.endsWith('/servers/detail') ? 'silence' : undefined);
    const began = Date.now();
    await expect(open({ timeout_seconds: 1 }).get(ref)).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
    expect(Date.now() - began).toBeLessThan(5000);
    cloud.state.answer = ({ path }) =>
      path.endsWith('/servers/detail') ? { status: 302, headers: { Location: `${cloud.url}/stolen` } } : undefined;
    await expect(open().get(ref)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(cloud.heard.map(({ path }) => path)).not.toContain('/stolen');
  });
  it('a cloud that is not there is UNAVAILABLE', async () => {
    await expect(open({ auth_url: 'http://127.0.0.1:1' }).get(ref)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
  });
  it('lists by pages without losing or repeating a machine; others are passed over', async () => {
    const mine = Array.from({ length: 7 }, (_, i) => randomUUID().replace(/^./, String(i)));
    const all = mine.flatMap((id, i) => [server(`s${i}`, id), server(`o${i}`)]);
    const gone = new Set<string>();
    cloud.state.answer = ({ path, query }) => {
      if (!path.endsWith('/servers/detail')) return undefined;
      const marker = query.get('marker');
      if (marker !== null && gone.has(marker))
        return { status: 400, body: { badRequest: { message: `marker [${marker}] not found` } } };
      const left = all.filter(({ id }) => !gone.has(id));
      const from = marker === null ? 0 : left.findIndex(({ id }) => id === marker) + 1;
      const to = from + Math.min(3, Number(query.get('limit')));
      return servers(left.slice(from, to), to < left.length);
    };
    const driver = open();
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await driver.list({ after, limit: 2 });
      seen.push(...page.map((view) => view.ref.portalId));
      after = seen.at(-1) ?? null;
      // The portal destroys what it finds to be nobody's before it goes on.
      for (const { ref: one } of page) gone.add(one.backendId ?? '');
      if (page.length < 2) break;
    }
    expect(seen).toEqual(mine);
  });
  it('a second machine of one instance, made later, is deleted when it is seen', async () => {
    const id = randomUUID();
    const deleted: string[] = [];
    cloud.state.answer = ({ method, path }) => {
      if (method === 'DELETE') deleted.push(path.split('/').at(-1) ?? '');
      return path.endsWith('/servers/detail')
        ? servers([server('a', id), server('b', id, { created: '2026-01-01T00:00:09Z' })])
        : undefined;
    };
    const driver = open();
    expect((await driver.list({ after: null, limit: 10 })).map((view) => view.ref.backendId)).toEqual(['a']);
    expect(deleted).toEqual(['b']);
  });
  it('a lost answer: the repetition finds the machine; a surplus one goes', async () => {
    let made = 0;
    const there: object[] = [];
    const deleted: string[] = [];
    const { portalId } = ref;
    cloud.state.answer = ({ method, path }) => {
      if (method === 'DELETE') deleted.push(path.split('/').at(-1) ?? '');
      if (method === 'POST' && path.endsWith('/servers')) {
        made += 1;
        there.push(server(`s${made}`, portalId, { created: `2026-01-01T00:00:0${9 - made}Z` }));
        if (made === 1) return { status: 504 };
        return { status: 202, body: { server: { id: `s${made}` } } };
      }
      return path.endsWith('/servers/detail') ? servers(there) : undefined;
    };
    const spec = {
      portalId,
      name: 'vm',
      tags: [],
      region: 'R',
      projectId: 'p',
      flavor: { vcpus: 1, memoryMb: 1, rootGb: 1, ephemeralGb: 0, swapMb: 0, backendId: '1' },
      imageId: 'i',
      image: { id: 'i', backendId: 'image', diskFormat: null },
      nics: [],
    };
    const driver = open({ projects: 'shared' });
    await expect(driver.create(spec)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await driver.create(spec)).toEqual({ portalId, backendId: 's1' });
    expect(made).toBe(1);
    there.push(server('s0', portalId, { created: '2025-01-01T00:00:00Z' }));
    expect(await driver.create(spec)).toEqual({ portalId, backendId: 's0' });
    expect(deleted).toEqual(['s1']);
  });
  it('a key pair is there as long as the create takes; a key that Nova does not take is left to cloud-init', async () => {
    const pairs: string[] = [];
    let refusal: { status: number; body: object } | undefined;
    let there: object[] = [];
    cloud.state.answer = ({ method, path, body }) => {
      if (path.endsWith('/os-keypairs') && refusal) return refusal;
      if (path.includes('/os-keypairs')) pairs.push(method);
      if (method === 'POST' && path.endsWith('/servers')) {
        pairs.push(`with ${(body as { server: { key_name?: string } }).server.key_name ?? 'none'}`);
        there = [server('s1', ref.portalId)];
        return { status: 202, body: { server: { id: 's1' } } };
      }
      return path.endsWith('/servers/detail') ? servers(there) : undefined;
    };
    const spec = {
      portalId: ref.portalId,
      name: 'vm',
      tags: [],
      region: 'R',
      projectId: 'p',
      flavor: { vcpus: 1, memoryMb: 1, rootGb: 1, ephemeralGb: 0, swapMb: 0, backendId: '1' },
      imageId: 'i',
      image: { id: 'i', backendId: 'image', diskFormat: null },
      nics: [],
      guest: { sshKeys: ['ssh-ed25519 A a'] },
    };
    const driver = open({ projects: 'shared' });
    await driver.create(spec);
    expect(pairs.splice(0)).toEqual(['POST', `with pcp-${ref.portalId}`, 'DELETE']);
    // What a process left that died is deleted by the repetition.
    await driver.create(spec);
    expect(pairs.splice(0)).toEqual(['DELETE']);
    there = [];
    refusal = { status: 400, body: { badRequest: { message: 'Keypair data is invalid' } } };
    await driver.create(spec);
    expect(pairs.splice(0)).toEqual(['with none']);
    there = [];
    refusal = { status: 403, body: { forbidden: { message: 'Quota exceeded, too many key pairs.' } } };
    await expect(driver.create(spec)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryable: true });
  });
  it('what the cloud does not know by an id of its own is refused before anything is made', async () => {
    cloud.state.answer = ({ path }) => (path.endsWith('/servers/detail') ? servers([]) : undefined);
    const flavor = { vcpus: 1, memoryMb: 1, rootGb: 1, ephemeralGb: 0, swapMb: 0 };
    const bare = { ...ref, name: 'vm', tags: [], region: 'R', projectId: 'p', imageId: null, nics: [] };
    await expect(open({ projects: 'shared' }).create({ ...bare, flavor })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('nefos region sync') as string,
    });
    expect(cloud.heard.filter(({ method, path }) => method === 'POST' && path.endsWith('/servers'))).toEqual([]);
  });
  it('a deletion at which Nova has given up is begun anew', async () => {
    const stuck = server('s', ref.portalId, {
      status: 'ERROR',
      'OS-EXT-STS:vm_state': 'error',
      'OS-EXT-STS:task_state': 'deleting',
    });
    cloud.state.answer = ({ method, path }) =>
      method === 'GET' && path.endsWith('/servers/detail') ? servers([stuck]) : undefined;
    const driver = open();
    expect((await driver.get(ref))?.taskHint).toBeUndefined();
    await driver.destroy(ref);
    expect(
      cloud.heard
        .filter(({ method }) => method !== 'GET')
        .slice(-2)
        .map(({ method, body }) => [method, body]),
    ).toEqual([
      ['POST', { 'os-resetState': { state: 'error' } }],
      ['DELETE', undefined],
    ]);
  });
  it('a reboot happens once for its key, though the process dies behind the call', async () => {
    const metadata: Record<string, string> = {};
    const actions = [{ action: 'reboot', request_id: 'req-old' }];
    let reboots = 0;
    let power = 1;
    cloud.state.answer = ({ method, path, body }) => {
      if (path.endsWith('/os-instance-actions')) return { body: { instanceActions: actions } };
      if (path.endsWith('/metadata')) Object.assign(metadata, (body as { metadata: object }).metadata);
      if (method === 'POST' && path.endsWith('/action')) {
        reboots += 1;
        actions.unshift({ action: 'reboot', request_id: `req-${reboots}` });
      }
      return path.endsWith('/servers/detail')
        ? servers([server('s', ref.portalId, { metadata, 'OS-EXT-STS:power_state': power })])
        : undefined;
    };
    const driver = open();
    const reboot = (key: string) => driver.reboot(ref, { type: 'HARD', graceSeconds: 1, key });
    await reboot('one');
    await reboot('one');
    expect(reboots).toBe(1);
    // The note was written, and the call was never made.
    metadata.nefos_reboot = `two ${actions[0]?.request_id}`;
    await reboot('two');
    expect(reboots).toBe(2);
    // What is off afterwards has not been rebooted.
    power = 4;
    await reboot('two');
    expect(reboots).toBe(3);
  });
  it('a resize that the portal has given up is confirmed before anything else is done', async () => {
    let state = 'resized';
    const asked: string[] = [];
    cloud.state.answer = ({ method, path, body }) => {
      if (method === 'POST' && path.endsWith('/action')) {
        asked.push(...Object.keys(body as object));
        if ('confirmResize' in (body as object)) state = 'active';
      }
      return path.endsWith('/servers/detail')
        ? servers([server('s', ref.portalId, { 'OS-EXT-STS:vm_state': state })])
        : undefined;
    };
    const driver = open();
    await driver.stop(ref, { graceSeconds: 1 });
    expect(asked.splice(0)).toEqual(['confirmResize', 'os-stop']);
    state = 'resized';
    await driver.revertResize?.(ref, { graceSeconds: 1 });
    expect(asked).toEqual(['revertResize']);
  });
  it('an image that Nova drops is an error; one that it makes, or has just begun, is not', async () => {
    const image = { id: 'i', status: 'queued', size: null, created_at: '2026-01-01T00:00:00Z' };
    const seen = async (task: string | null, more: object = {}) => {
      cloud.state.answer = ({ path }) => {
        if (path.endsWith('/servers/detail'))
          return servers([server('s', ref.portalId, { 'OS-EXT-STS:task_state': task })]);
        if (path.endsWith('/images')) return { body: { images: [{ ...image, ...more }] } };
        return path.endsWith('/images/i') ? { body: { ...image, ...more } } : undefined;
      };
      return (await open().getSnapshot?.(ref, { imageId: randomUUID(), backendId: null }))?.status;
    };
    expect(await seen('image_uploading')).toBe('saving');
    expect(await seen(null, { created_at: new Date().toISOString() })).toBe('saving');
    expect(await seen(null)).toBe('error');
    expect(await seen(null, { status: 'active' })).toBe('active');
    expect(await seen(null, { status: 'importing' })).toBe('saving');
  });
  it('an abort waits until there is a migration that Nova lets go', async () => {
    let looks = 0;
    let task: string | null = 'migrating';
    const deleted: string[] = [];
    cloud.state.answer = ({ method, path }) => {
      if (method === 'DELETE') {
        deleted.push(path.split('/').at(-1) ?? '');
        if (deleted.length === 1) return { status: 400, body: { badRequest: { message: 'Migration is accepted.' } } };
        task = null;
        return { status: 202 };
      }
      if (path.endsWith('/migrations')) {
        looks += 1;
        const found = { id: 7, migration_type: 'live-migration' };
        return { body: { migrations: looks < 2 ? [] : [{ id: 6, migration_type: 'resize' }, found] } };
      }
      return path.endsWith('/servers/detail')
        ? servers([server('s', ref.portalId, { 'OS-EXT-STS:task_state': task })])
        : undefined;
    };
    const driver = open();
    await driver.abortMigration?.(ref);
    expect(deleted).toEqual(['7', '7']);
    // Nothing is migrated any more.
    await driver.abortMigration?.(ref);
    expect(deleted).toHaveLength(2);
  });
  it('states that Nova tells', async () => {
    const seen = async (more: object) => {
      cloud.state.answer = ({ path }) =>
        path.endsWith('/servers/detail') ? servers([server('s', ref.portalId, more)]) : undefined;
      return open().get(ref);
    };
    const state = (vm: string, power: number, task: string | null = null, status = 'X') => ({
      status,
      'OS-EXT-STS:vm_state': vm,
      'OS-EXT-STS:power_state': power,
      'OS-EXT-STS:task_state': task,
    });
    expect(await seen(state('building', 0, null, 'BUILD'))).toMatchObject({ powerState: 0, taskHint: 'building' });
    expect(await seen(state('active', 4))).toMatchObject({ powerState: 4 });
    expect(await seen(state('suspended', 4))).toMatchObject({ powerState: 7 });
    expect(await seen(state('paused', 3))).toMatchObject({ powerState: 3 });
    expect(await seen(state('shelved_offloaded', 4))).toMatchObject({ powerState: 4, mode: 'shelved' });
    expect(await seen(state('rescued', 4))).toMatchObject({ powerState: 1, mode: 'rescued' });
    expect(await seen(state('resized', 1))).toMatchObject({ powerState: 1, mode: 'resized' });
    expect(await seen({ status: 'DELETED' })).toBeNull();
    const failed = { ...state('error', 0, null, 'ERROR'), fault: { code: 500, message: 'No valid host was found. ' } };
    expect(await seen(failed)).toMatchObject({ fault: { code: 'NO_CAPACITY' } });
    expect((await seen({ ...failed, 'OS-EXT-STS:task_state': 'rebuilding' }))?.fault).toBeUndefined();
  });
});

describe('what a guest is given at its first boot', () => {
  it("nothing, the user's own, or a cloud-config", () => {
    expect(guestData({})).toBeUndefined();
    expect(guestData({ userData: Buffer.from('#!/bin/sh\n') })?.toString()).toBe('#!/bin/sh\n');
    const text = guestData({ sshKeys: ['ssh-ed25519 A a'], rootPassword: 'x: "y"' })?.toString() ?? '';
    expect(text).toMatch(/^#cloud-config\n/);
    expect(JSON.parse(text.slice('#cloud-config\n'.length))).toMatchObject({
      ssh_authorized_keys: ['ssh-ed25519 A a'],
      chpasswd: { expire: false, list: 'root:x: "y"' },
    });
  });
  it('both together, in parts', () => {
    const userData = Buffer.from('#!/bin/sh\necho "hello world, this is a rather long line of a script of a user"\n');
    const text = guestData({ sshKeys: ['key'], userData })?.toString() ?? '';
    expect(text).toMatch(/^Content-Type: multipart\/mixed; boundary="/);
    const parts = text.split(/--nefos-[0-9a-f]{24}/).slice(1, -1);
    const bodies = parts.map((part) => Buffer.from(part.split('\n\n')[1] ?? '', 'base64').toString());
    expect(bodies).toEqual([expect.stringContaining('ssh_authorized_keys') as string, userData.toString()]);
  });
  it('compressed when it is too long', () => {
    const userData = Buffer.alloc(60_000, '#cloud-config\n');
    const encoded = encodedGuestData({ userData }, 65_535) ?? '';
    expect(gunzipSync(Buffer.from(encoded, 'base64')).equals(userData)).toBe(true);
  });
});
