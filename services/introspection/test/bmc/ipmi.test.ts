import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bmc, BmcSite, BootMode } from '../../src/bmc/domain/driver.js';
import { ipmi } from '../../src/bmc/ipmi/driver.js';
import type { JsonObject } from '../../src/values.js';

// A shim in place of ipmitool: it writes down how it was called and does what the test says.
const SHIM = `#!/bin/sh
dir=$(dirname "$0")
printf '%s\\n' "$*" >>"$dir/calls"
env >"$dir/env"
. "$dir/answer"
`;
const FLAGS = ` Boot Flags :
   - Options apply to all future boots
   - BIOS EFI boot
   - Boot Device Selector : Force PXE
`;

describe('the ipmi driver, by a shim in place of ipmitool', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-ipmi-'));
  const program = path.join(dir, 'ipmitool');
  const at = (name: string): string => path.join(dir, name);
  beforeAll(() => {
    writeFileSync(program, SHIM);
    chmodSync(program, 0o700);
  });
  beforeEach(() => {
    rmSync(at('calls'), { force: true });
    answer('true');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const answer = (script: string): void => writeFileSync(at('answer'), script);
  const calls = (): string[] => (existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trim().split('\n') : []);
  const site = (bmc: Partial<BmcSite['bmc']> = {}) =>
    ({ bmc: { networks: ['127.0.0.0/8'], timeoutMs: 5000, ipmitool: program, ipmiPauseMs: 0, ...bmc } }) as BmcSite;
  const open = (info: JsonObject = {}, at = site(), bootMode?: BootMode): Bmc =>
    ipmi.connect(
      at,
      {
        uuid: 'u',
        driver: 'ipmi',
        info: { ipmi_address: '127.0.0.9', ipmi_username: 'root', ipmi_password: 's3 cret\'"$x', ...info },
        ...(bootMode && { bootMode }),
      },
      new AbortController().signal,
    );

  it('reads and switches; the password is in no argument, and nothing of our environment is handed on', async () => {
    answer('echo "Chassis Power is on"');
    expect(await open().powerState()).toBe('power on');
    answer('echo "Chassis Power is off"');
    expect(await open().powerState()).toBe('power off');
    for (const command of ['on', 'off', 'soft off'] as const) await open().order(command);
    const base = '-I lanplus -H 127.0.0.9 -p 623 -L ADMINISTRATOR -U root -E -R 3 -N 2';
    expect(calls()).toEqual(['status', 'status', 'on', 'off', 'soft'].map((word) => `${base} power ${word}`));
    const env = readFileSync(at('env'), 'utf8');
    expect(env).toContain('IPMI_PASSWORD=s3 cret\'"$x\n');
    const names = env.match(/^[A-Z_]+(?==)/gm)?.filter((name) => !['PWD', 'OLDPWD', '_', 'SHLVL'].includes(name));
    expect(names?.sort()).toEqual(['IPMI_PASSWORD', 'LC_ALL', 'PATH']);
  });
  it('says what driver_info says', async () => {
    const info = { ipmi_port: '9623', ipmi_priv_level: 'OPERATOR', ipmi_cipher_suite: 17, ipmi_password: null };
    await open(info).order('on');
    await open({ ipmi_protocol_version: '1.5', ipmi_cipher_suite: '3', ipmi_username: '' }).order('on');
    expect(calls()).toEqual([
      '-I lanplus -H 127.0.0.9 -p 9623 -L OPERATOR -U root -C 17 -P  -R 3 -N 2 power on',
      '-I lan -H 127.0.0.9 -p 623 -L ADMINISTRATOR -E -R 3 -N 2 power on',
    ]);
  });
  it('sets the boot device after the flags are told to stay, and reads it back', async () => {
    const bmc = open();
    await bmc.beforeBootDevice?.();
    await bmc.setBootDevice('pxe', false);
    await bmc.setBootDevice('disk', true);
    await open({}, site(), 'uefi').setBootDevice('cdrom', true);
    await expect(bmc.setBootDevice('uefihttp', false)).rejects.toMatchObject({ failure: 'unsupported' });
    expect(calls().map((line) => line.replace(/^.* -N 2 /, ''))).toEqual([
      'raw 0x00 0x08 0x03 0x08',
      'chassis bootdev pxe',
      'chassis bootdev disk options=persistent',
      'chassis bootdev cdrom options=persistent,efiboot',
    ]);
    answer(`cat <<'END'\n${FLAGS}END`);
    expect(await bmc.bootDevice()).toEqual({ boot_device: 'pxe', persistent: true });
    expect(await bmc.bootMode()).toBe('uefi');
    answer('echo "Boot Device Selector : No override"');
    expect(await bmc.bootDevice()).toEqual({ boot_device: null, persistent: null });
  });
  it('two commands have a pause between them', async () => {
    const bmc = open({}, site({ ipmiPauseMs: 300 }));
    const began = performance.now();
    await bmc.beforeBootDevice?.();
    await bmc.setBootDevice('pxe', false);
    expect(performance.now() - began).toBeGreaterThanOrEqual(300);
  });
  it.each([
    ['Error: Unable to establish IPMI v2 / RMCP+ session', 'unreachable'],
    ['Unable to Get Channel Cipher Suites', 'unreachable'],
    ['RAKP 2 message indicates an error : unauthorized name', 'credentials'],
    ['Set Session Privilege Level to ADMINISTRATOR failed: insufficient privilege level', 'credentials'],
    ['Unable to send RAW command: Node busy', 'busy'],
    ['Set Chassis Power Control to Up/On failed: Invalid command', 'unsupported'],
    ['something new', 'refused'],
  ])('%s: %s', async (said, failure) => {
    answer(`echo '${said}' >&2; exit 1`);
    await expect(open().powerState()).rejects.toMatchObject({
      failure,
      message: expect.stringContaining(`ipmitool: ${said}`) as string,
    });
  });
  it('a password that ipmitool repeats is not passed on', async () => {
    answer('echo "bad password $IPMI_PASSWORD" >&2; exit 1');
    await expect(open().powerState()).rejects.toMatchObject({ message: 'ipmitool: bad password ******' });
  });
  it('one that hangs is ended', async () => {
    answer('echo $$ >"$dir/pid"; exec sleep 60');
    await expect(open({}, site({ timeoutMs: 500 })).powerState()).rejects.toMatchObject({ failure: 'unreachable' });
    const pid = Number(readFileSync(at('pid'), 'utf8'));
    await expect(
      (async () => {
        for (;;) {
          process.kill(pid, 0);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })(),
    ).rejects.toMatchObject({ code: 'ESRCH' });
  });
  it('says when it is not installed', async () => {
    await expect(open({}, site({ ipmitool: at('missing') })).powerState()).rejects.toMatchObject({
      failure: 'configuration',
      message: expect.stringContaining('ipmitool is not installed') as string,
    });
  });
  it('does not contact this machine unless configured, and passes on the address that was checked', async () => {
    await expect(open({}, site({ networks: null })).powerState()).rejects.toMatchObject({ failure: 'address' });
    expect(calls()).toEqual([]);
    await open({ ipmi_address: 'localhost' }).order('on');
    expect(calls()[0]).toContain('-H 127.0.0.1 ');
  });
  it.each<[JsonObject, string]>([
    [{ ipmi_address: '' }, 'driver_info has no ipmi_address.'],
    [{ ipmi_address: '10.0.0.1 -x' }, 'ipmi_address is no'],
    [{ ipmi_username: 'a\nb' }, 'ipmi_username'],
    [{ ipmi_password: 'a\u0000b' }, 'ipmi_password'],
    [{ ipmi_port: 0 }, 'ipmi_port'],
    [{ ipmi_priv_level: 'OEM' }, 'ipmi_priv_level'],
    [{ ipmi_protocol_version: '3' }, 'ipmi_protocol_version'],
    [{ ipmi_cipher_suite: 18 }, 'ipmi_cipher_suite'],
    [{ ipmi_bridging: 'single' }, 'ipmi_bridging'],
  ])('%j is refused, with the reason', async (info, reason) => {
    const whole = { ipmi_address: '10.0.0.1', ...info };
    const target = { uuid: 'u', driver: 'ipmi', info: whole };
    expect(ipmi.validate(target, site().bmc).power.reason).toContain(reason);
    await expect(open(whole).powerState()).rejects.toMatchObject({ failure: 'configuration' });
  });
});
