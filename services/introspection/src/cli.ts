// The operator's commands on machines: `npm run nefos -- node list` and so on. scripts/nefos.mjs starts it.
import { databaseAway, Fault } from '@nefos/service-kit';
import { CommanderError } from 'commander';
import { program } from './cli/program.js';
import { sentenceOf } from './words.js';

try {
  await program().parseAsync();
} catch (err) {
  // What commander refuses it has said already.
  if (err instanceof CommanderError) process.exit(err.exitCode);
  const said = err instanceof Fault ? sentenceOf(err) : ((err as Error).message.split('\n')[0] ?? 'failed');
  process.stderr.write(
    databaseAway(err)
      ? `the database can not be used (${said}): is Nefos running, is NEFOS_INTROSPECTION_DATABASE_URL right?\n`
      : `${said}\n`,
  );
  process.exitCode = 1;
}
