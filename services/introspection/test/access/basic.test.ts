import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import bcrypt from 'bcryptjs';
import { ConfigError } from '@nefos/service-kit';
import { readIntrospectionConfig } from '../../src/config.js';
import { TOKENS, useService } from '../support.js';

const folder = mkdtempSync(path.join(tmpdir(), 'nefos-basic-'));
const file = path.join(folder, 'htpasswd');
const write = (users: Record<string, string>): void =>
  writeFileSync(
    file,
    `# operators\n${Object.entries(users)
      .map(([name, password]) => `${name}:${bcrypt.hashSync(password, 4)}`)
      .join('\n')}\n`,
  );
write({ operator: 'a password: with a colon' });
const service = useService({ NEFOS_INTROSPECTION_AUTH: 'http_basic', NEFOS_INTROSPECTION_BASIC_FILE: file });
afterAll(() => rmSync(folder, { recursive: true }));
const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const list = (authorization?: string) => {
  const test = service.call('get', '/v1/rules', '');
  return authorization === undefined ? test : test.set('Authorization', authorization);
};

it('200: a user of the file; one who is added counts at once', async () => {
  expect((await list(basic('operator', 'a password: with a colon'))).status).toBe(200);
  expect((await list(basic('second', 'another'))).status).toBe(401);
  write({ operator: 'a password: with a colon', second: 'another' });
  expect((await list(basic('second', 'another'))).status).toBe(200);
});
it.each([
  ['nothing', undefined],
  ['a wrong password', basic('operator', 'wrong')],
  ['a name that is not there', basic('nobody', 'a password: with a colon')],
  ['a password beyond what bcrypt reads', basic('operator', 'x'.repeat(73))],
])('401 with a challenge: %s', async (_what, authorization) => {
  const res = await list(authorization);
  expect([res.status, res.headers['www-authenticate']]).toEqual([401, 'Basic realm="Baremetal API"']);
  expect(Object.keys(res.body as object)).toEqual(['error']);
});
it.each(['Bearer abc', 'Basic', 'Basic !!!', `Basic ${Buffer.from('no colon').toString('base64')}`, 'Basic /w=='])(
  '400: "%s"',
  async (authorization) => {
    expect((await list(authorization)).status).toBe(400);
  },
);
it('401: a token of identity is no credential here', async () => {
  expect((await service.call('get', '/v1/rules', TOKENS.admin)).status).toBe(401);
});
it('public paths ask nobody', async () => {
  expect((await service.call('get', '/v1', '')).status).toBe(200);
});

const config = (env: Record<string, string>) => (): unknown =>
  readIntrospectionConfig({
    NEFOS_INTROSPECTION_DATABASE_URL: 'postgres://u:p@127.0.0.1/d',
    NEFOS_INTROSPECTION_TOKEN: 'component-token-of-introspection',
    ...env,
  });
it('the service does not start without users, nor open to everybody but on loopback', () => {
  const mode = { NEFOS_INTROSPECTION_AUTH: 'http_basic' };
  expect(config(mode)).toThrow(ConfigError);
  expect(config({ ...mode, NEFOS_INTROSPECTION_BASIC_FILE: '/nowhere' })).toThrow(/BASIC_FILE/);
  writeFileSync(path.join(folder, 'md5'), 'operator:$apr1$abc$def\n');
  expect(config({ ...mode, NEFOS_INTROSPECTION_BASIC_FILE: path.join(folder, 'md5') })).toThrow(/line 1/);
  expect(config({ NEFOS_INTROSPECTION_AUTH: 'noauth' })).not.toThrow();
  expect(config({ NEFOS_INTROSPECTION_AUTH: 'noauth', NEFOS_HOST: '0.0.0.0' })).toThrow(/loopback/);
});
