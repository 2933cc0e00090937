// The operator's commands on the cloud and on what is kept: `npm run nefos -- flavor list` and so on.
// scripts/nefos.mjs starts it.
import { databaseAway } from '@nefos/service-kit';
import { CommanderError } from 'commander';
import { SERVICES } from './cli/kinds.js';
import { textOf } from './cli/messages.js';
import { program } from './cli/program.js';
import { settingOf } from './cli/sources.js';

try {
  await program().parseAsync();
} catch (err) {
  // What commander refuses it has said already.
  if (err instanceof CommanderError) process.exit(err.exitCode);
  const settings = SERVICES.map(settingOf).filter((name) => process.env[name] || process.env[`${name}_FILE`]);
  process.stderr.write(
    databaseAway(err)
      ? `the database can not be used (${(err as Error).message}): is Nefos running, is ${settings.join(', ')} right?\n`
      : `${textOf(err)}\n`,
  );
  process.exitCode = 1;
}
