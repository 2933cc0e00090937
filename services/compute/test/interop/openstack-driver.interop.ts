// The OpenStack driver against a real OpenStack: `npm run test:interop` runs it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { CloudCatalog } from '../../src/catalog/cloud-catalog.js';
import type { ComputeDriver, InstanceSpec, InstanceView, Ref } from '../../src/ports/driver.js';
import { driverConformance, type DriverUnderTest } from '../ports/driver-conformance.js';
import { given, openCloud as open } from './openstack-under-test.js';

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describe('the OpenStack driver and a real OpenStack', () => {
  jest.setTimeout(240_000);
  let driver: ComputeDriver;
  let cloud: CloudCatalog;
  const project = randomUUID().replaceAll('-', '');
  const flavor = (name: string) => {
    const found = cloud.flavors.find((one) => one.name === name);
    if (!found) throw new Error(`no flavor ${name}`);
    return found;
  };
  const spec = (more: Partial<InstanceSpec> = {}): InstanceSpec => ({
    portalId: randomUUID(),
    name: 'nefos-interop',
    tags: [],
    region: 'R',
    projectId: project,
    flavor: flavor('m1.nano'),
    imageId: randomUUID(),
    image: imageOf('raw'),
    nics: [
      {
        networkId: randomUUID(),
        networkName: 'private',
        cidr: null,
        networkBackendId: cloud.networks.find((one) => one.name === 'private')?.backendId ?? null,
      },
    ],
    ...more,
  });
  const imageOf = (format: string) => {
    const found = cloud.images.find((one) => one.diskFormat === format);
    if (!found) throw new Error(`no image in ${format}`);
    return { id: randomUUID(), backendId: found.backendId, diskFormat: format };
  };
  const underTest = (): DriverUnderTest => ({
    driver,
    spec,
    larger: flavor('m1.micro'),
    image: imageOf('raw'),
    iso: imageOf('iso'),
    otherHost: (host) => given.hosts.find((one) => one !== host) ?? null,
    lacks: {
      snapshot: 'the fake hypervisor makes an image and uploads nothing',
      counters: 'the fake hypervisor tells of an interface that no machine has: asked by a test of its own',
    },
  });
  const rests = async (ref: Ref): Promise<InstanceView | null> => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
      const view = await driver.get(ref);
      if (!view || view.taskHint === undefined) return view;
    }
    throw new Error('the machine does not come to rest');
  };
  const running = async (more?: Partial<InstanceSpec>): Promise<Ref> => {
    const ref = await driver.create(spec(more));
    expect(await rests(ref)).toMatchObject({ powerState: 1 });
    return ref;
  };
  const comesTo = async (ref: Ref, wanted: (view: InstanceView) => boolean): Promise<InstanceView> => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
      const view = await driver.get(ref);
      if (view && view.taskHint === undefined && wanted(view)) return view;
    }
    throw new Error(`the machine stays ${JSON.stringify(await driver.get(ref))}`);
  };
  /** All machines that the portal has there, by pages. */
  const ids = async (limit: number): Promise<string[]> => {
    const all: string[] = [];
    for (let after: string | null = null; ;) {
      const views: InstanceView[] = await driver.list({ after, limit });
      all.push(...views.map(({ ref }) => ref.portalId));
      after = all.at(-1) ?? null;
      if (views.length < limit) return all;
    }
  };
  beforeAll(async () => {
    driver = open();
    cloud = (await driver.readCatalog?.()) as CloudCatalog;
  });
  afterAll(async () => {
    for (const id of await ids(100)) await driver.destroy({ portalId: id, backendId: null });
    await driver.close?.();
  });

  it('is well, and tells what the cloud offers', async () => {
    expect(await driver.health()).toEqual({ ok: true });
    expect(cloud.flavors.map(({ name }) => name).sort()).toEqual(['m1.micro', 'm1.nano', 'm1.small']);
    expect(cloud.images.map(({ name }) => name)).toContain('tiny');
    expect(cloud.networks).toContainEqual(
      expect.objectContaining({ name: 'private', subnets: [expect.objectContaining({ cidr: '10.0.0.0/16' })] }),
    );
  });
  driverConformance('the OpenStack driver', () => underTest());

  it('two processes that create one machine at once keep one', async () => {
    const wanted = spec();
    const others = [open(), open(), open()];
    const refs = await Promise.all(others.map((one) => one.create(wanted)));
    const found = await driver.create(wanted);
    expect(refs.map(({ backendId }) => backendId)).toContain(found.backendId);
    expect((await ids(500)).filter((id) => id === wanted.portalId)).toHaveLength(1);
    for (const one of others) await one.close?.();
  });
  it('lists page by page, also when the last of a page is destroyed before the next is asked for', async () => {
    const refs = [];
    for (let i = 0; i < 5; i += 1) refs.push(await running());
    const first = await driver.list({ after: null, limit: 3 });
    await driver.destroy(first[2]?.ref as Ref);
    await rests(first[2]?.ref as Ref);
    const rest = new Set(
      (await driver.list({ after: first[2]?.ref.portalId ?? null, limit: 500 })).map((v) => v.ref.portalId),
    );
    const seen = [...first.map((v) => v.ref.portalId), ...rest];
    for (const ref of refs) expect(seen).toContain(ref.portalId);
    expect(new Set(seen).size).toBe(seen.length);
  });
  it('keys, password and user data reach the cloud; the key pair is gone afterwards', async () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChrPm4dKJoZ3LdxuqEWwNLn5XoDUJCsd0i0hPnqQ a@b';
    const ref = await running({
      guest: { sshKeys: [key, key], rootPassword: 'secret pass', userData: Buffer.from('#!/bin/sh\ntrue\n') },
    });
    expect(ref.backendId).toBeTruthy();
  });
  it('resize, confirm, resize, revert; twice is once', async () => {
    const ref = await running();
    for (const back of [false, true]) {
      const to = flavor(back ? 'm1.nano' : 'm1.micro');
      await driver.resize?.(ref, to, { graceSeconds: 1 });
      await driver.resize?.(ref, to, { graceSeconds: 1 });
      await comesTo(ref, ({ mode }) => mode === 'resized');
      await driver.resize?.(ref, to, { graceSeconds: 1 });
      const end = () => (back ? driver.revertResize?.(ref, { graceSeconds: 1 }) : driver.confirmResize?.(ref));
      await end();
      await comesTo(ref, ({ mode }) => mode === undefined);
      await end();
      expect((await rests(ref))?.powerState).toBe(1);
    }
  });
  it('rescue and back; twice is once', async () => {
    const ref = await running();
    const rescue = () => driver.rescue?.(ref, { image: null, iso: false, password: 'rescue pass' });
    await rescue();
    await rescue();
    await comesTo(ref, ({ mode }) => mode === 'rescued');
    await rescue();
    await driver.unrescue?.(ref);
    await driver.unrescue?.(ref).catch((err: unknown) => expect(err).toMatchObject({ retryable: true }));
    await comesTo(ref, ({ mode, powerState }) => mode === undefined && powerState === 1);
    await driver.unrescue?.(ref);
  });
  it('rebuild once for each key', async () => {
    const ref = await running();
    const rebuild = (key: string) =>
      driver.rebuild?.(ref, {
        key,
        name: 'rebuilt',
        image: imageOf('raw'),
        guest: { userData: Buffer.from('#cloud-config\n{}\n') },
      });
    await rebuild('one');
    await rebuild('one');
    await comesTo(ref, ({ powerState }) => powerState === 1);
    await rebuild('one');
    expect((await driver.get(ref))?.taskHint).toBeUndefined();
    await rebuild('two');
    expect((await driver.get(ref))?.taskHint).toMatch(/^rebuild/);
    await comesTo(ref, ({ powerState }) => powerState === 1);
  });
  it('snapshot: one image for each id, which can be deleted', async () => {
    const ref = await running();
    const image = { imageId: randomUUID(), backendId: null };
    expect(await driver.getSnapshot?.(ref, image)).toBeNull();
    await driver.snapshot?.(ref, { imageId: image.imageId, name: 'snap' });
    await driver.snapshot?.(ref, { imageId: image.imageId, name: 'snap' });
    const look = () => driver.getSnapshot?.(ref, image);
    expect(await look()).toMatchObject({ status: 'saving', backendId: expect.any(String) as string });
    // The fake hypervisor uploads nothing: Nova comes to rest, and the image stays without data.
    for (const end = Date.now() + 60_000; (await look())?.status === 'saving' && Date.now() < end;) await sleep(500);
    expect(await look()).toMatchObject({ status: 'error', message: 'The cloud has not stored the image.' });
    await driver.deleteSnapshot?.(image);
    await driver.deleteSnapshot?.(image);
    expect(await driver.getSnapshot?.(ref, image)).toBeNull();
  });
  it('password, shelve and unshelve, migrate', async () => {
    const ref = await running();
    await driver.setPassword?.(ref, 'another pass');
    expect((await rests(ref))?.powerState).toBe(1);
    await driver.migrate?.(ref, { live: false, host: null });
    await comesTo(ref, ({ mode }) => mode === 'resized');
    await driver.confirmResize?.(ref);
    await comesTo(ref, ({ mode }) => mode === undefined);
    await driver.abortMigration?.(ref);
    await driver.shelve?.(ref);
    await comesTo(ref, ({ mode }) => mode === 'shelved');
    await driver.shelve?.(ref);
    await driver.unshelve?.(ref);
    await comesTo(ref, ({ mode, powerState }) => mode === undefined && powerState === 1);
    await driver.unshelve?.(ref);
  });
  it('counters are read, of the interface that the fake hypervisor tells of', async () => {
    const ref = await running();
    expect(await driver.counters?.(ref)).toEqual([
      { mac: '01:23:45:67:89:ab', rx: expect.any(BigInt) as bigint, tx: expect.any(BigInt) as bigint },
    ]);
    await expect(driver.counters?.({ portalId: randomUUID(), backendId: null })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
  it('what the cloud can not do is said', async () => {
    const ref = await running();
    await expect(driver.openConsole?.(ref, 'vnc')).rejects.toMatchObject({ code: 'UNSUPPORTED', retryable: false });
    await expect(driver.migrate?.(ref, { live: true, host: 'nowhere' })).rejects.toMatchObject({
      code: expect.stringMatching(/INVALID_REQUEST|NO_CAPACITY|INVALID_STATE|NOT_FOUND/) as string,
    });
    await driver.stop(ref, { graceSeconds: 1 });
    await rests(ref);
    await expect(driver.pause(ref)).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await expect(driver.create(spec({ image: null }))).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(open({ username: 'nobody' }).get(ref)).rejects.toMatchObject({ code: 'AUTH', retryable: false });
  });
  it('each client has a project of its own', async () => {
    const other = spec({ projectId: randomUUID().replaceAll('-', '') });
    const [a, b] = [await driver.create(spec()), await driver.create(other)];
    expect(a.backendId).not.toBe(b.backendId);
    expect((await rests(b))?.powerState).toBe(1);
  });
  it('the cloud is killed and started again: what is retryable is retried, and there is one machine of each', async () => {
    const ref = await running();
    const wanted = spec();
    const until = async <T>(work: () => Promise<T>): Promise<T> => {
      const refusals: unknown[] = [];
      for (const end = Date.now() + 120_000; ; await sleep(1000))
        try {
          return await work();
        } catch (err) {
          refusals.push(err);
          if (!(err as { retryable?: boolean }).retryable || Date.now() > end) throw err;
        }
    };
    const asked = until(() => driver.create(wanted));
    const stopped = until(() => driver.stop(ref, { graceSeconds: 1 }));
    const [command = '', ...args] = given.restart;
    await promisify(execFile)(command, args, { timeout: 200_000 });
    await Promise.all([asked, stopped]);
    const made = await until(() => driver.create(wanted));
    expect((await until(() => rests(made)))?.ref.backendId).toBe(made.backendId);
    await until(() => driver.start(ref));
    expect((await until(() => rests(ref)))?.powerState).toBe(1);
    expect((await ids(500)).filter((id) => id === wanted.portalId)).toHaveLength(1);
  });
});
