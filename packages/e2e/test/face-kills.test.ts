import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { JANE, requestBody } from './cloud.js';
import { ask, eventually, startStack, type Stack } from './stack.js';

const PRELOAD = pathToFileURL(path.join(__dirname, 'kill-at.mjs')).href;
const PERSON = { email: 'face@doe.example', password: 'a good long password' };
let stack: Stack;
let token: string;
let client: number;
let server: object;
const post = (key: string, body: object) =>
  ask(`${stack.origin('compute')}/compute/v2.1/servers`, {
    method: 'POST',
    headers: { 'X-Auth-Token': token, 'Idempotency-Key': key, 'OpenStack-API-Version': 'compute 2.67' },
    body,
  });
const restart = async (kill: Record<string, string> = {}): Promise<void> => {
  await stack.kill('compute');
  await stack.start('compute', { NODE_OPTIONS: `--import=${PRELOAD}`, NEFOS_COMPUTE_WORKER: 'off', ...kill });
};
/** A token of the client's user for the client's project, once identity knows both. */
const signIn = (projectId: string): Promise<string> =>
  eventually('the user signs in', async () => {
    const user = { name: PERSON.email, domain: { id: 'default' }, password: PERSON.password };
    const { status, headers } = await ask(`${stack.origin('identity')}/identity/v3/auth/tokens`, {
      method: 'POST',
      body: {
        auth: { identity: { methods: ['password'], password: { user } }, scope: { project: { id: projectId } } },
      },
    });
    return status === 201 && String(headers['x-subject-token']);
  });
beforeAll(async () => {
  stack = await startStack();
  const made = await ask(`${stack.origin('compute')}/staffapi/clients`, {
    method: 'POST',
    headers: { Authorization: `Token ${stack.credentials.compute.staff.token}` },
    body: { ...JANE, email: PERSON.email, user: { username: 'face', ...PERSON } },
  });
  client = (JSON.parse(made.text) as { id: number }).id;
  const [project] = await stack.query<{ id: string }>(
    'compute',
    'select p.id::uuid::text id from project p join service s on s.id = p.service_id where s.client_id = $1',
    [client],
  );
  token = await signIn(project!.id);
  await stack.query('compute', `update project set quota_limits = '{"instances": 100, "cores": 1000, "volumes": 100}'`);
  const { flavor, nics, boot_source: boot } = await requestBody(stack, client, 'face');
  server = {
    flavorRef: flavor,
    imageRef: boot.source_id,
    networks: nics.map((uuid) => ({ uuid })),
    min_count: 2,
    block_device_mapping_v2: [
      { boot_index: 0, uuid: boot.source_id, source_type: 'image', destination_type: 'local' },
      { source_type: 'blank', destination_type: 'volume', volume_size: 1, tag: 'data' },
    ],
  };
}, 180_000);
afterAll(() => stack?.close(), 30_000);

const count = async (text: string, values: unknown[]): Promise<number> =>
  (await stack.query<{ n: number }>('compute', text, values))[0]!.n;
const servers = (name: string) =>
  count(`select count(*)::int n from instance where client_id = $2 and name like $1 || '-%'`, [name, client]);

describe('SIGKILL of compute while an OpenStack client creates servers with disks, and the request again', () => {
  const AT = ['15', 'volume_attachment', 'update idempotency_key', 'COMMIT', 'answer'];
  it.each(AT)(
    'before: %s',
    async (at) => {
      const key = `face-${AT.indexOf(at)}`;
      const body = { server: { ...server, name: key } };
      await restart({ KILL_KEY: key, KILL_AT: at });
      expect((await post(key, body)).status).toBe(0);
      expect(await servers(key)).toBe(at === 'answer' ? 2 : 0);
      await restart();
      const again = [await post(key, body), await post(key, body)];
      expect(again.map(({ status }) => status)).toEqual([202, 202]);
      const ids = again.map(({ text }) => (JSON.parse(text) as { server: { id: string } }).server.id);
      expect(ids[1]).toBe(ids[0]);
      expect(await servers(key)).toBe(2);
    },
    60_000,
  );
  it('all of them are built afterwards, each once, with its own disk', async () => {
    await stack.kill('compute');
    await stack.start('compute');
    const wanted = 2 * AT.length;
    await eventually(
      'all servers are active, all disks attached',
      async () =>
        (await count(
          `select count(*)::int n from instance i join volume_attachment a on a.instance_id = i.id
          join volume v on v.id = a.volume_id
          where i.client_id = $1 and i.vm_state = 'active' and a.state = 'attached' and v.status = 'in-use'`,
          [client],
        )) === wanted,
      60,
    );
    expect(await count('select count(*)::int n from volume where client_id = $1', [client])).toBe(wanted);
    expect(await count('select coalesce(sum(boots), 0)::int n from sim_machine', [])).toBe(wanted);
    expect(stack.unexpected('compute')).toEqual([]);
  }, 120_000);
});
