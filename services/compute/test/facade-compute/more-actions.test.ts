import { sql } from '@nefos/service-kit';
import { readSecret } from '../../src/operations/domain/secrets.js';
import { FLAVOR, IMAGE, NETWORK } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { unique, useNet } from '../networking/network-support.js';
import { useRoom } from './server-support.js';

const at = (id: string): string => `/compute/v2.1/servers/${id}`;

describe('actions on servers: what is refused, and what changes nothing', () => {
  const net = useNet();
  const { service } = net;
  const face = useFaces(service);
  useRoom(net, face);
  const act = (id: string, body: object, { as = face.user, version }: { as?: FaceAs; version?: string } = {}) =>
    as.post(`${at(id)}/action`, body, version);

  it('202: fixed addresses come and go, below 2.44', async () => {
    const id = await net.build();
    const before = (await net.detail(id)).addresses;
    await act(id, { addFixedIp: { networkId: NETWORK } }).expect(202);
    const added = Object.values((await net.detail(id)).addresses).flat();
    expect(added).toHaveLength(Object.values(before).flat().length + 1);
    await act(id, { removeFixedIp: { address: added.at(-1)?.addr } }).expect(202);
    expect(Object.values((await net.detail(id)).addresses).flat()).toHaveLength(added.length - 1);
    await act(id, { removeFixedIp: { address: '192.0.2.99' } }).expect(400);
    await act(id, { addFixedIp: { networkId: IMAGE } }).expect(400);
    await act(id, { addFixedIp: { networkId: NETWORK } }, { version: 'compute 2.44' }).expect(404);
  });
  it("202: floating IPs of the server's own project only, below 2.44", async () => {
    const id = await net.build();
    const network = await net.external();
    const made = await net.made<{ floating_ip_address: string }>(service.user, '/api/openstack/floatingips', {
      floating_network_id: network,
    });
    const [{ address } = { address: '' }] = await sql<{ address: string }>(
      service.db,
      'select host(address) address from floating_ip where id = $1',
      [(made as unknown as { id: string }).id],
    );
    await act(id, { addFloatingIp: { address } }).expect(202);
    const { body } = await face.user.get(`${at(id)}/ips`).expect(200);
    expect(JSON.stringify(body)).toContain(address);
    await act(id, { removeFloatingIp: { address } }).expect(202);
    const again = await act(id, { removeFloatingIp: { address } }).expect(400);
    expect(Object.keys(again.body as object)).toEqual(['badRequest']);
    const theirs = await net.build({}, service.otherClient);
    const { body: absent } = await act(theirs, { addFloatingIp: { address } }, { as: face.stranger }).expect(404);
    expect(absent).toEqual({ itemNotFound: { code: 404, message: 'floating IP not found' } });
  });
  it('409: a name that two security groups have', async () => {
    const id = await net.build();
    const name = unique('twice');
    const groups = [];
    for (let i = 0; i < 2; i += 1)
      groups.push(await net.made(service.user, '/api/openstack/securitygroups', { region: 'Region1', name }));
    const { body } = await act(id, { addSecurityGroup: { name } }).expect(409);
    expect(body).toMatchObject({
      conflictingRequest: {
        message: `Multiple security groups found matching '${name}'. Use an ID to be more specific.`,
      },
    });
    await act(id, { addSecurityGroup: { name: groups[0]?.id } }).expect(202);
    await act(id, { removeSecurityGroup: { name: groups[1]?.id } }).expect(400);
  });
  it('202: what is said of an image is kept with it', async () => {
    const id = await net.build();
    const { body } = await act(
      id,
      { createImage: { name: 'shot', metadata: { purpose: 'test' } } },
      { version: 'compute 2.45' },
    ).expect(202);
    const { image_id: image } = body as { image_id: string };
    const shown = await net.read<{ properties: object }>(service.user, `/api/openstack/images/${image}`);
    expect(shown.properties).toEqual({ purpose: 'test' });
  });
  it('400: a rebuild that is refused changes nothing', async () => {
    const id = await net.build();
    const before = await net.row(id);
    const many = Object.fromEntries(Array.from({ length: 129 }, (_one, i) => [`k${i}`, 'v']));
    await act(id, { rebuild: { imageRef: IMAGE, metadata: many } }).expect(400);
    await act(id, { rebuild: { imageRef: IMAGE, key_name: 'none' } }, { version: 'compute 2.54' }).expect(400);
    expect(await net.row(id)).toEqual(before);
  });
  it('202: a rebuild writes name, description and addresses with it', async () => {
    const id = await net.build();
    const { body } = await act(
      id,
      { rebuild: { imageRef: IMAGE, description: 'anew', accessIPv4: '192.0.2.7' } },
      { version: 'compute 2.19' },
    ).expect(202);
    expect(body).toMatchObject({ server: { description: 'anew', accessIPv4: '192.0.2.7' } });
  });
  it("202: staff rebuild a server with its owner's key pair, and with another one of the owner's", async () => {
    const key = async (as: FaceAs, name: string) => {
      const { body } = await as.post('/compute/v2.1/os-keypairs', { keypair: { name } }).expect(200);
      return (body as { keypair: { public_key: string } }).keypair.public_key.trim();
    };
    const [first, second] = [await key(face.user, 'first'), await key(face.user, 'second')];
    const { body } = await face.user
      .post('/compute/v2.1/servers', {
        server: { name: 'keyed', imageRef: IMAGE, flavorRef: FLAVOR, networks: [{ uuid: NETWORK }], key_name: 'first' },
      })
      .expect(202);
    const { id } = (body as { server: { id: string } }).server;
    await net.work();
    const rebuilt = async (as: FaceAs, more: object = {}) => {
      const res = await act(id, { rebuild: { imageRef: IMAGE, ...more } }, { as, version: 'compute 2.54' }).expect(202);
      const { operation_id: operation } = await net.row(id);
      const secret = await readSecret(service.ctx, service.db, operation);
      await net.work();
      return [(res.body as { server: { key_name: string } }).server.key_name, secret?.sshKeys?.map(bare)];
    };
    /** Type and key, without the comment. */
    const bare = (line: string) => line.split(' ').slice(0, 2).join(' ');
    expect(await rebuilt(face.staff)).toEqual(['first', [bare(first)]]);
    expect(await rebuilt(face.staff, { key_name: 'second' })).toEqual(['second', [bare(second)]]);
    expect(await rebuilt(face.user, { key_name: 'first' })).toEqual(['first', [bare(first)]]);
    await act(
      id,
      { rebuild: { imageRef: IMAGE, key_name: 'none' } },
      { as: face.staff, version: 'compute 2.54' },
    ).expect(400);
  });
  it('400: consoles that Nefos does not have', async () => {
    const id = await net.build();
    await act(id, { 'os-getSPICEConsole': { type: 'spice-html5' } }).expect(400);
    await act(id, { 'os-getRDPConsole': { type: 'rdp-html5' } }).expect(400);
    await act(id, { 'os-getVNCConsole': { type: 'serial' } }).expect(400);
    await act(id, { 'os-getSerialConsole': { type: 'serial' } }).expect(200);
  });
  const everything = [
    { lock: null },
    { shelve: null },
    { rescue: null },
    { changePassword: { adminPass: 'secret' } },
    { rebuild: { imageRef: IMAGE } },
    { createImage: { name: 'a' } },
    { addSecurityGroup: { name: 'default' } },
    { forceDelete: null },
  ];
  it('403, 404: a reader changes nothing, a stranger sees nothing', async () => {
    const id = await net.build();
    const before = await net.row(id);
    for (const body of everything) {
      await act(id, body, { as: face.reader }).expect(403);
      await act(id, body, { as: face.stranger }).expect(404);
      await act(id, body, { as: face.homeless }).expect(404);
      await act(id, body, { as: face.unscoped }).expect(403);
      await act(id, body, { as: face.component }).expect(403);
      await act(id, body, { as: face.nobody }).expect(401);
      await act(id, body, { as: face.garbage }).expect(401);
    }
    expect(await net.row(id)).toEqual(before);
  });
  it('409: a lock of staff holds, but for images', async () => {
    const id = await net.build();
    await act(id, { lock: null }, { as: face.staff }).expect(202);
    for (const body of [...everything.filter((one) => !('createImage' in one)), { unlock: null }])
      await act(id, body).expect(409);
    await act(id, { createImage: { name: 'a' } }).expect(202);
  });
  it('403: a suspended client only deletes', async () => {
    const client = await service.seedClient();
    const person = await service.seedUser({ username: unique('held'), clients: [client] });
    const as = face.as(face.tokenFor(person.uuid, await face.projectOf(client)));
    const id = await net.build({}, client);
    await service.staff.post(`/staffapi/clients/${client}/suspend`, {}).expect(200);
    await net.work();
    for (const body of everything.filter((one) => !('forceDelete' in one))) await act(id, body, { as }).expect(403);
    await as.put(`${at(id)}/tags/new`, undefined, 'compute 2.26').expect(403);
    await act(id, { forceDelete: null }, { as }).expect(202);
  });
});
