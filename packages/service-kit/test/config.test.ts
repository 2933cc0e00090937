import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError, masked, readConfig, readSetting } from '@nefos/service-kit';
import { z } from 'zod';

const shape = { NEFOS_COMPUTE_PORT: z.coerce.number().int().default(8082), NEFOS_COMPUTE_TOKEN: z.string().min(24) };
const faults = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readConfig('compute', shape, env);
  } catch (err) {
    if (err instanceof ConfigError) return err.faults;
    throw err;
  }
  return [];
};
const TOKEN = 'x'.repeat(30);

describe('configuration', () => {
  it('every fault is found at once, by name', () => {
    const found = faults({ NEFOS_COMPUTE_PORT: 'abc', NEFOS_LOG_LEVEL: 'loud', NEFOS_COMPUTE_TYPO: '1' });
    expect(found.map((f) => f.split(':')[0]).sort()).toEqual([
      'NEFOS_COMPUTE_PORT',
      'NEFOS_COMPUTE_TOKEN',
      'NEFOS_COMPUTE_TYPO',
      'NEFOS_LOG_LEVEL',
    ]);
    expect(found.find((f) => f.startsWith('NEFOS_COMPUTE_TYPO'))).toBe('NEFOS_COMPUTE_TYPO: no such setting');
    expect(found.find((f) => f.startsWith('NEFOS_COMPUTE_TOKEN'))).toBe('NEFOS_COMPUTE_TOKEN: is missing');
  });
  it('settings of other programs are theirs; a shared name that nobody knows is refused', () => {
    expect(
      faults({
        NEFOS_COMPUTE_TOKEN: TOKEN,
        NEFOS_METERING_ANYTHING: '1',
        NEFOS_GATEWAY_PORT: '1',
        NEFOS_COMPUTE_URL: 'http://x',
      }),
    ).toEqual([]);
    expect(faults({ NEFOS_COMPUTE_TOKEN: TOKEN, NEFOS_LOGLEVEL: 'info' })).toEqual(['NEFOS_LOGLEVEL: no such setting']);
  });
  it('a secret can be a file; one that is not there is a fault', () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-config-'));
    const file = path.join(dir, 'token');
    writeFileSync(file, `${TOKEN}\n`);
    expect(readConfig('compute', shape, { NEFOS_COMPUTE_TOKEN_FILE: file }).NEFOS_COMPUTE_TOKEN).toBe(TOKEN);
    expect(faults({ NEFOS_COMPUTE_TOKEN_FILE: '/no/such/file' })[0]).toMatch(/^NEFOS_COMPUTE_TOKEN_FILE: can not read/);
    writeFileSync(path.join(dir, 'empty'), ' \n');
    expect(faults({ NEFOS_COMPUTE_TOKEN_FILE: path.join(dir, 'empty') })).toEqual([
      expect.stringMatching(/^NEFOS_COMPUTE_TOKEN_FILE: .*empty is empty$/),
    ]);
    expect(faults({ NEFOS_COMPUTE_TOKEN: TOKEN, NEFOS_COMPUTE_TOKEN_FILE: file })).toEqual([
      'NEFOS_COMPUTE_TOKEN and NEFOS_COMPUTE_TOKEN_FILE are both set: one of them says which',
    ]);
    expect(readSetting('NEFOS_COMPUTE_TOKEN', { NEFOS_COMPUTE_TOKEN_FILE: file })).toBe(TOKEN);
    expect(readSetting('NEFOS_COMPUTE_TOKEN', { NEFOS_COMPUTE_TOKEN: '' })).toBeUndefined();
    rmSync(dir, { recursive: true });
  });
  it('the demo fixture listens on loopback only', () => {
    expect(faults({ NEFOS_COMPUTE_TOKEN: TOKEN, NEFOS_FIXTURE: 'demo', NEFOS_HOST: '0.0.0.0' })[0]).toMatch(
      /loopback only/,
    );
    for (const host of ['127.0.0.1', '::1', 'localhost', '127.0.5.5'])
      expect(
        faults({ NEFOS_COMPUTE_TOKEN: TOKEN, NEFOS_FIXTURE: 'demo', NEFOS_HOST: host, NEFOS_SERVICES_HOST: host }),
      ).toEqual([]);
    expect(faults({ NEFOS_COMPUTE_TOKEN: TOKEN, NEFOS_FIXTURE: 'demo', NEFOS_SERVICES_HOST: '::' })[0]).toMatch(
      /loopback only, so set NEFOS_SERVICES_HOST/,
    );
  });
  it('secrets are masked for the log', () => {
    expect(
      masked({ NEFOS_COMPUTE_TOKEN: TOKEN, NEFOS_COMPUTE_DATABASE_URL: 'postgres://u:p@h/d', NEFOS_COMPUTE_PORT: 1 }),
    ).toEqual({ NEFOS_COMPUTE_TOKEN: '***', NEFOS_COMPUTE_DATABASE_URL: '***', NEFOS_COMPUTE_PORT: 1 });
  });
});
