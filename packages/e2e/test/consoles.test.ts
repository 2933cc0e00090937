import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ask, eventually } from './stack.js';
import { livingWith, supervisor } from './supervisor.js';

jest.setTimeout(180_000);

describe('a console through the gateway, with the whole product', () => {
  let nefos: Awaited<ReturnType<typeof supervisor>>;
  let instance: string;
  const open: WebSocket[] = [];

  const staff = async <T>(method: string, at: string, body?: object): Promise<T> => {
    const { compute } = nefos.credentials();
    const headers = { Authorization: `Token ${compute.staff.token}` };
    const { status, text } = await ask(`${nefos.gateway}/staffapi/${at}`, { method, headers, body });
    if (status >= 400 || status === 0) throw new Error(`${status} ${text}`);
    return JSON.parse(text) as T;
  };
  interface One {
    id: string;
    name: string;
    region: string;
    status: string;
  }
  const first = async (what: string): Promise<One> => {
    const [one] = (await staff<{ objects: One[] }>('GET', what)).objects;
    if (!one) throw new Error(`there are no ${what}`);
    return one;
  };
  const offer = async (type: string): Promise<string> =>
    (await staff<{ url: string }>('POST', `openstack/instances/${instance}/console`, { type })).url;
  /** Opens what the page of this address opens. */
  const show = async (url: string) => {
    const { host, hash } = new URL(url);
    const token = new URLSearchParams(hash.slice(1)).get('token') ?? '';
    const ws = new WebSocket(`ws://${host}/console/socket`, ['binary', `nefos.console.${token}`], {
      headers: { Origin: new URL(url).origin },
    });
    open.push(ws);
    let text = '';
    let last: [number, string] | undefined;
    ws.on('message', (data: Buffer) => (text += data.toString('latin1')));
    ws.on('close', (code: number, words: Buffer) => (last = [code, words.toString()]));
    ws.on('error', () => undefined);
    await once(ws, 'open');
    return {
      ws,
      token,
      until: (part: string) => eventually(`${part} on the console`, () => Promise.resolve(text.includes(part)), 10),
      ended: () => eventually('the console ends', () => Promise.resolve(last), 15),
    };
  };
  const pidOf = async (service: string): Promise<number> =>
    Number(
      (await livingWith(nefos.state)).find((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`services/${service}/dist/main.js`),
      ),
    );
  const log = (service: string): string => readFileSync(path.join(nefos.state, 'logs', `${service}.log`), 'utf8');

  beforeAll(async () => {
    nefos = await supervisor();
    void nefos.run([], { NEFOS_GATEWAY_ACCESS_LOG: 'on', NEFOS_LOG_LEVEL: 'info' });
    await nefos.ready();
    const [client, image, network, flavor] = [
      await first('clients'),
      await first('openstack/images'),
      await first('openstack/networks'),
      await first('openstack/flavors'),
    ];
    instance = (
      await staff<One>('POST', 'openstack/instances', {
        name: 'shown',
        client: client.id,
        region: flavor.region,
        flavor: flavor.id,
        nics: [network.id],
        boot_source: { source_type: 'image', source_id: image.id },
      })
    ).id;
    await runs();
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.terminate();
  });
  afterAll(() => nefos.close());
  const runs = () =>
    eventually(
      'the instance runs',
      async () => (await staff<One>('GET', `openstack/instances/${instance}`)).status === 'active',
    );

  it('the page is served, its line shows what is typed, and no log knows the token', async () => {
    const url = await offer('serial');
    expect(url.startsWith(`${nefos.gateway}/console/serial#token=`)).toBe(true);
    const page = await ask(url.split('#')[0] as string);
    expect([page.status, page.headers['content-security-policy']]).toEqual([
      200,
      expect.stringContaining("default-src 'none'"),
    ]);
    expect(page.text).toContain('files/page/serial.js');
    const line = await show(url);
    await line.until('shown login: ');
    line.ws.send(Buffer.from('hello\r'));
    await line.until('hello\r\nshown login: ');
    line.ws.close(1000);
    expect((await line.ended())[0]).toBe(1000);
    const lines = await eventually('the access log has its line', async () => {
      const found = log('gateway')
        .split('\n')
        .filter((one) => one.includes('/console/socket'));
      return Promise.resolve(found.length ? found : undefined);
    });
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      status: 101,
      path: '/console/socket',
      upstream: 'compute',
      bytes_in: expect.any(Number) as number,
      bytes_out: expect.any(Number) as number,
    });
    for (const service of ['gateway', 'compute', 'identity', 'metering', 'introspection'])
      expect(log(service)).not.toContain(line.token);
  });
  it('a stop of the instance ends it; so does a SIGKILL of compute, and the address works again afterwards', async () => {
    const url = await offer('vnc');
    const one = await show(url);
    await one.until('RFB 003.008');
    await staff('POST', `openstack/instances/${instance}/stop`, {});
    expect(await one.ended()).toEqual([4001, 'The instance does not run.']);
    await expect(show(url)).rejects.toThrow('409');
    await eventually(
      'it has stopped',
      async () => (await staff<One>('GET', `openstack/instances/${instance}`)).status === 'stopped',
    );
    await staff('POST', `openstack/instances/${instance}/start`, {});
    await runs();

    const two = await show(url);
    await two.until('RFB 003.008');
    process.kill(await pidOf('compute'), 'SIGKILL');
    expect((await two.ended())[0]).toBe(1006);
    await nefos.ready();
    await runs();
    const three = await show(url);
    await three.until('RFB 003.008');
  });
  it.each(['compute', 'gateway'])('%s that is stopped in order says goodbye', async (service) => {
    const one = await show(await offer('vnc'));
    await one.until('RFB 003.008');
    const began = Date.now();
    process.kill(await pidOf(service), 'SIGTERM');
    expect(await one.ended()).toEqual([1001, 'The service is being restarted.']);
    expect(Date.now() - began).toBeLessThan(8000);
    await sleep(500);
    await nefos.ready();
  });
  it('ten at once are all that an instance has; those that broke off give their places back', async () => {
    const url = await offer('vnc');
    const all = await Promise.all(Array.from({ length: 10 }, () => show(url)));
    await Promise.all(all.map((one) => one.until('RFB 003.008')));
    await expect(show(url)).rejects.toThrow('429');
    for (const one of all) one.ws.terminate();
    await eventually('there is room again', async () => {
      const one = await show(url);
      await one.until('RFB');
      return true;
    });
  });
});
