// @ts-check
// `npm run nefos -- backup FILE` and `restore FILE`: the command line.
import path from 'node:path';
import { readArgs } from '../lib/options.mjs';
import { install } from '../lib/prepare.mjs';
import { Trouble } from '../lib/progress.mjs';

export const HELP = `backup <file>      all databases and secrets of this installation, in one file, while it runs
restore <file>     puts them into a new installation, or into empty databases; nothing may run there

  --overwrite      restore: what is there already is lost

The file has password hashes and the tokens of the services: keep it as you keep those.
The keys of secrets (secret-keys of the state directory, NEFOS_SECRET_KEYS) are not in it: keep them apart.
docs/operations.md says more.`;

/** Nobody listens there; a refused password is something else. */
const AWAY = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT'];
/** @param {any} err */
const named = (err) => {
  if (AWAY.includes(err.code) && err.syscall !== 'open')
    return (
      `the database does not answer (${err.message || err.code}): start Nefos with \`npm start\`, ` +
      'or check NEFOS_*_DATABASE_URL where those are set'
    );
  return err.code && /^E[A-Z]+$/.test(err.code)
    ? `${err.path ?? ''} ${err.code}: ${err.message}`.trim()
    : (err.stack ?? String(err));
};

/** Ends the process. @param {string} verb @param {string[]} args */
export const run = async (verb, args) => {
  try {
    const {
      positionals = [],
      overwrite = false,
      help,
    } = readArgs(HELP, { overwrite: { type: 'boolean', default: false } }, { args, allowPositionals: true });
    if (help) {
      console.log(HELP);
      return;
    }
    if (positionals.length !== 1 || (verb === 'backup' && overwrite)) throw new Trouble(HELP);
    // As one types it: npm runs scripts in the root of the project, wherever it was called.
    const file = path.resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0]);
    await install();
    const { backup } = await import('./backup.mjs');
    const { restore } = await import('./restore.mjs');
    console.log(await (verb === 'backup' ? backup(file, process.env) : restore(file, process.env, { overwrite })));
  } catch (err) {
    process.stderr.write(`${err instanceof Trouble ? err.message : named(err)}\n`);
    process.exitCode = 1;
  }
};
