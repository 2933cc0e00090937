import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BmcSite } from '../../src/bmc/domain/driver.js';
import { redfish } from '../../src/bmc/redfish/driver.js';
import type { Json } from '../../src/values.js';
import { certificate, key } from './certificate.js';
import { RedfishSimulator } from './redfish-simulator.js';

describe('the certificate of a BMC, against a simulator', () => {
  const bmc = new RedfishSimulator({ cert: certificate, key });
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-bmc-'));
  const allowed = path.join(dir, 'ca');
  beforeAll(async () => {
    await bmc.start();
    mkdirSync(allowed);
    for (const [name, text] of Object.entries({
      'ca/bmc.pem': certificate,
      'ca/empty.pem': 'none',
      'outside.pem': certificate,
    })) {
      const file = path.join(dir, name);
      writeFileSync(file, text);
    }
    symlinkSync(path.join(dir, 'outside.pem'), path.join(allowed, 'link.pem'));
  });
  afterAll(async () => {
    await bmc.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const state = async (verify: Json, caDirectory: string | null = allowed, host = '127.0.0.1') => {
    const site = { bmc: { networks: ['127.0.0.0/8'], caDirectory, timeoutMs: 2000 } } as unknown as BmcSite;
    const info = { redfish_address: `https://${host}:${bmc.port}`, redfish_verify_ca: verify };
    const access = { redfish_username: bmc.user, redfish_password: bmc.password };
    const one = redfish.connect(
      site,
      { uuid: 'u', driver: 'redfish', info: { ...info, ...access } },
      new AbortController().signal,
    );
    try {
      return await one.powerState();
    } finally {
      await one.close();
    }
  };
  const refused = expect.objectContaining({ failure: 'configuration' }) as Error;

  it('is verified unless told otherwise', async () => {
    await expect(state(true)).rejects.toEqual(refused);
    await expect(state('True')).rejects.toEqual(refused);
    expect(bmc.requests).toEqual([]);
    expect(await state(false)).toBe('power off');
    expect(await state('False')).toBe('power off');
  });
  it('is verified by the file that the node names, under the name of the address', async () => {
    expect(await state(path.join(allowed, 'bmc.pem'))).toBe('power off');
    expect(await state('bmc.pem', allowed, 'localhost')).toBe('power off');
  });
  it.each(['../ca.pem', '../outside.pem', 'link.pem', 'missing.pem', 'empty.pem', '.'])(
    'the file %s is not read',
    async (name) => {
      await expect(state(path.join(allowed, name))).rejects.toEqual(refused);
      await expect(state(`./${name}`)).rejects.toEqual(refused);
    },
  );
  it('no file is read where no directory is set', async () => {
    await expect(state(path.join(allowed, 'bmc.pem'), null)).rejects.toEqual(refused);
  });
});
