import { spawn } from 'node:child_process';
import { BmcError } from '../domain/driver.js';
import type { IpmiOptions } from './options.js';

const LONGEST_OUTPUT = 64 * 1024;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface Ended {
  code: number | null;
  out: string;
  err: string;
}
/** What ipmitool says, in its own words, and what that means. The first that fits. */
const MEANINGS: [RegExp, BmcError['failure']][] = [
  [
    /unauthorized name|HMAC is invalid|password (?:is )?(?:invalid|incorrect)|insufficient privilege|Authentication type .* not supported/i,
    'credentials',
  ],
  [/insufficient resources|node busy|\bbusy\b/i, 'busy'],
  [
    /unable to (?:establish|get channel)|error issuing get channel|get auth capabilities|timeout|timed out|address lookup|no response/i,
    'unreachable',
  ],
  [/invalid command|not supported|unspecified parameter|out of range/i, 'unsupported'],
];
const run = (
  program: string,
  args: readonly string[],
  { env, timeoutMs, signal }: { env: Record<string, string>; timeoutMs: number; signal: AbortSignal },
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      killSignal: 'SIGKILL',
    });
    const text = { out: '', err: '' };
    const add = (key: keyof typeof text) => (part: Buffer) => {
      if (text[key].length < LONGEST_OUTPUT) text[key] += part.toString('utf8');
    };
    child.stdout.on('data', add('out'));
    child.stderr.on('data', add('err'));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });

/**
 * One command of ipmitool to one BMC. The password goes by the environment, which only this user can read: everybody
 * can read arguments, and a file would stay after a SIGKILL.
 * @param address that was checked
 * @throws BmcError
 */
export const ipmitool = async (
  command: readonly string[],
  options: IpmiOptions,
  settings: { address: string; program: string; timeoutMs: number; signal: AbortSignal },
): Promise<string> => {
  const { program, address, timeoutMs, signal } = settings;
  const { password, username, cipherSuite } = options;
  const args = [
    ...['-I', options.protocol, '-H', address, '-p', String(options.port), '-L', options.privilege],
    ...(username === undefined ? [] : ['-U', username]),
    ...(cipherSuite === undefined || options.protocol === 'lan' ? [] : ['-C', String(cipherSuite)]),
    // Without one, ipmitool would ask for it; that there is none is no secret.
    ...(password === '' ? ['-P', ''] : ['-E']),
    ...['-R', '3', '-N', '2'],
    ...command,
  ];
  const env = { PATH, LC_ALL: 'C', ...(password !== '' && { IPMI_PASSWORD: password }) };
  let ended: Ended;
  try {
    ended = await run(program, args, { env, timeoutMs, signal });
  } catch (err) {
    signal.throwIfAborted();
    const { code } = err as { code?: string };
    if (code === 'ENOENT' || code === 'EACCES')
      throw new BmcError(
        'configuration',
        'ipmitool is not installed where this service runs; see NEFOS_INTROSPECTION_IPMITOOL.',
      );
    throw new BmcError('unreachable', 'The BMC does not answer over IPMI (time is over).');
  }
  if (ended.code === 0) return ended.out;
  const said = `${ended.err}\n${ended.out}`;
  const failure = MEANINGS.find(([words]) => words.test(said))?.[1] ?? 'refused';
  const shown = ended.err.replace(/\s+/g, ' ').trim().slice(0, 300) || `exit code ${ended.code}`;
  // ipmitool says the same of a BMC that is away and of one that refuses the password.
  const hint = /unable to establish/i.test(said) ? ' (it is away, or refuses ipmi_username and ipmi_password)' : '';
  throw new BmcError(failure, `ipmitool: ${password === '' ? shown : shown.replaceAll(password, '******')}${hint}`);
};
