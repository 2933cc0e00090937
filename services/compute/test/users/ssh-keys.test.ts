import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sql } from '@nefos/service-kit';
import { findSshKeys } from '../../src/users/domain/ssh-keys.js';
import { useService } from '../support.js';

const STAFF = '/staffapi/openstack/sshkeys';
const USER = '/api/openstack/sshkeys';
/** A key made by ssh-keygen and thrown away; the fingerprint is what `ssh-keygen -l -E md5` prints. */
const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHkiXZmNk0oruubW20zRMK8JZfK0NsE1ToK97SJmivQT';
const FINGERPRINT = '32:02:36:6f:6d:7d:f4:ee:3b:76:59:0c:d0:a6:ca:5a';

const field = (bytes: Buffer | string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(bytes));
  return Buffer.concat([length, Buffer.from(bytes as string)]);
};
const line = (type: string, ...fields: (Buffer | string)[]): string =>
  `${type} ${Buffer.concat([field(type), ...fields.map(field)]).toString('base64')}`;
const rsa = (bits: number): string => {
  const jwk = generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
  const n = Buffer.concat([Buffer.alloc(1), Buffer.from(jwk.n as string, 'base64url')]);
  return line('ssh-rsa', Buffer.from(jwk.e as string, 'base64url'), n);
};
const ecdsa = (): string => {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const point = [
    Buffer.from([4]),
    Buffer.from(jwk.x as string, 'base64url'),
    Buffer.from(jwk.y as string, 'base64url'),
  ];
  return line('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat(point));
};

describe('SSH keys', () => {
  const service = useService();
  const idOf = async (username: string): Promise<number> =>
    (await sql<{ id: number }>(service.db, 'select id from portal_user where username = $1', [username]))[0]
      ?.id as number;
  afterEach(() => sql(service.db, 'delete from ssh_key'));

  it('201: an imported key, the documented object; listed, read, deleted by its user alone', async () => {
    const res = await service.user.post(USER, { name: 'laptop', public_key: ` ${ED25519}   me@home \n` }).expect(201);
    const { id } = res.body as { id: string };
    expect(res.body).toEqual({
      ...{ id, name: 'laptop', public_key: `${ED25519} me@home`, fingerprint: FINGERPRINT, type: 'ssh' },
      created_at: expect.any(String) as string,
    });
    expect((await service.user.get(`${USER}/${id}`).expect(200)).body).toEqual(res.body);
    expect((await service.user.get(USER).expect(200)).body).toMatchObject({ totalCount: 1, objects: [res.body] });
    for (const other of [service.stranger, service.user])
      await other.get(`${USER}/${crypto.randomUUID()}`).expect(404, { detail: 'Not found.' });
    await service.stranger.get(`${USER}/${id}`).expect(404, { detail: 'Not found.' });
    await service.stranger.delete(`${USER}/${id}`).expect(404);
    await service.staff.get(`${STAFF}/${id}`).expect(404);
    expect((await service.stranger.get(USER).expect(200)).body).toMatchObject({ totalCount: 0 });
    await service.user.delete(`${USER}/${id}`).expect(204);
    await service.user.delete(`${USER}/${id}`).expect(404);
  });
  it('201: a pair that is made here; its private key is in this answer alone, and fits', async () => {
    const send = () => service.user.post(USER, { name: 'made' }).set('Idempotency-Key', 'key-1');
    const res = await send().expect(201);
    const made = res.body as { id: string; private_key: string; public_key: string; fingerprint: string };
    expect(made.private_key).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n[^]*-----END OPENSSH PRIVATE KEY-----\n$/);
    const { text } = await service.user.get(`${USER}/${made.id}`).expect(200);
    expect(text).not.toContain('private_key');
    const kept = await sql<{ text: string }>(
      service.db,
      `select row_to_json(k)::text "text" from ssh_key k union all select row_to_json(i)::text from idempotency_key i`,
    );
    expect(kept.map((row) => row.text).join()).not.toContain('OPENSSH');
    // The name is taken by the first one.
    expect((await send().expect(400)).body).toEqual({ name: ['This field must be unique.'] });
    // The seed is the first half of the private part, and the public key follows from it.
    const bytes = Buffer.from(made.private_key.replace(/-----[^-]+-----|\n/g, ''), 'base64');
    const open = Buffer.from(made.public_key.split(' ')[1] as string, 'base64').subarray(-32);
    const at = bytes.lastIndexOf(open);
    const secret = bytes.subarray(at - 32, at);
    const d = secret.toString('base64url');
    const x = open.toString('base64url');
    const signature = sign(null, Buffer.from('x'), { key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, Buffer.from('x'), key, signature)).toBe(true);
    expect(made.public_key).toMatch(/^ssh-ed25519 \S+ made$/);
    const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-key-'));
    try {
      const file = path.join(dir, 'key');
      writeFileSync(file, made.private_key, { mode: 0o600 });
      const read = execFileSync('ssh-keygen', ['-y', '-f', file]).toString().trim();
      expect(read).toBe(made.public_key);
    } catch (err) {
      // OpenSSH's own program says the same where it is installed.
      if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err;
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
  it('201: rsa, ecdsa and keys of security tokens', async () => {
    const point = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]);
    const keys = [
      rsa(2048),
      ecdsa(),
      line('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 1), 'ssh:'),
      line('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', point, 'ssh:'),
    ];
    for (const [at, key] of keys.entries())
      expect((await service.user.post(USER, { name: `key ${at}`, public_key: key }).expect(201)).body).toMatchObject({
        public_key: key,
      });
  });
  const bytes = (): Buffer => Buffer.from(ED25519.split(' ')[1] as string, 'base64');
  it.each([
    ['nothing', ''],
    ['a word', 'key'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['options', `command="sh" ${ED25519}`],
    ['two lines', `${ED25519}\n${ED25519}`],
    ['a line in the comment', `${ED25519} a\nssh-rsa AAAA`],
    ['a carriage return', `${ED25519} a\rb`],
    ['a separator of lines', `${ED25519} a\u2028b`],
    ['another type than its own', ED25519.replace('ssh-ed25519', 'ssh-rsa')],
    ['a type of the past', line('ssh-dss', Buffer.alloc(20), Buffer.alloc(20), Buffer.alloc(20), Buffer.alloc(20))],
    ['a certificate', line('ssh-ed25519-cert-v01@openssh.com', Buffer.alloc(32))],
    ['a short key', line('ssh-ed25519', Buffer.alloc(31))],
    ['a weak key', rsa(1024)],
    ['a point on another curve', line('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(65, 4))],
    ['no base64', 'ssh-ed25519 !!!!'],
    ['base64 that is cut off', ED25519.slice(0, -3)],
    ['bytes that follow', `ssh-ed25519 ${Buffer.concat([bytes(), Buffer.alloc(3)]).toString('base64')}`],
    ['a field without end', `ssh-ed25519 ${Buffer.from('7fffffff', 'hex').toString('base64')}`],
    ['a long comment', `${ED25519} ${'x'.repeat(256)}`],
  ])('400: %s is no public key', async (_what, key) => {
    const { body } = await service.user.post(USER, { name: 'x', public_key: key }).expect(400);
    expect(Object.keys(body as object)).toEqual(['public_key']);
  });
  it('400: a name of its own, given, and of text; the same name is free for others', async () => {
    await service.user.post(USER, { name: 'mine', public_key: ED25519 }).expect(201);
    await service.user
      .post(USER, { name: 'mine', public_key: ED25519 })
      .expect(400, { name: ['This field must be unique.'] });
    await service.stranger.post(USER, { name: 'mine', public_key: ED25519 }).expect(201);
    await service.user.post(USER, { public_key: ED25519 }).expect(400, { name: ['This field is required.'] });
    const made = await service.user.post(USER, { name: 'two\nlines' }).expect(201);
    expect((made.body as { public_key: string }).public_key.split(' ').length).toBe(2);
  });
  it('400: a hundred keys are enough, also when two come at once', async () => {
    const userId = await idOf('demo');
    await sql(
      service.db,
      `insert into ssh_key (id, user_id, name, public_key, fingerprint)
      select gen_random_uuid(), $1, 'key ' || n, $2, '' from generate_series(1, 99) n`,
      [userId, ED25519],
    );
    const both = await Promise.all(
      [1, 2].map((n) => service.user.post(USER, { name: `more ${n}`, public_key: ED25519 })),
    );
    expect(both.map((res) => res.status).sort()).toEqual([201, 400]);
    expect(both.find((res) => res.status === 400)?.body).toEqual({ name: ['A user has at most 100 SSH keys.'] });
  });
  it('staff have keys of their own, and read those of end users', async () => {
    await service.user.post(USER, { name: 'hers', public_key: ED25519 }).expect(201);
    await service.staff.post(STAFF, { name: 'own', public_key: ED25519 }).expect(201);
    const names = async (query = ''): Promise<string[]> =>
      ((await service.staff.get(STAFF + query).expect(200)).body as { objects: { name: string }[] }).objects.map(
        (key) => key.name,
      );
    expect(await names()).toEqual(['own']);
    expect(await names(`?user=${await idOf('demo')}`)).toEqual(['hers']);
    await service.staff.get(`${STAFF}?user=111111`).expect(404);
    await service.staff.get(`${STAFF}?user=x`).expect(404);
    const other = await service.seedUser({ username: 'other-staff', staff: true });
    await service.staff.get(`${STAFF}?user=${other.id}`).expect(403);
  });
  it('keys are found by id and by name, in the order in which they are named', async () => {
    const userId = await idOf('demo');
    const make = async (name: string): Promise<string> =>
      ((await service.user.post(USER, { name, public_key: ED25519 }).expect(201)).body as { id: string }).id;
    const [one, two] = [await make('one'), await make('two')];
    await service.stranger.post(USER, { name: 'theirs', public_key: ED25519 }).expect(201);
    const found = await findSshKeys(service.db, userId, ['two', one, 'theirs', 'none']);
    expect(found.map((key) => key?.id)).toEqual([two, one, undefined, undefined]);
  });
  it("a user's keys go with the user", async () => {
    const other = await service.seedUser({ username: 'leaving' });
    await other.as.post(USER, { name: 'x', public_key: ED25519 }).expect(201);
    await sql(service.db, 'delete from portal_user where id = $1', [other.id]);
    expect(await sql(service.db, 'select 1 from ssh_key where user_id = $1', [other.id])).toEqual([]);
  });
});
