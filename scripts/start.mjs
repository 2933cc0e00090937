#!/usr/bin/env node
// @ts-check
// npm start: from a fresh clone to a running Nefos. Plain JavaScript: it runs before anything is installed or built.
import './lib/check-node.cjs';
import { readOptions } from './lib/settings.mjs';
import { fail, startNefos } from './lib/supervisor.mjs';

const HELP = `npm start [-- --fixture demo|none]

  --fixture demo   the seed documents' own data and well-known credentials, loopback only (default)
  --fixture none   an empty installation with random credentials, in .nefos/credentials.json
  --database-moved NEFOS_DATABASE_URL names the same database as before, at a new address;
                   or the state directory is a new one, in place of one that is lost

Settings are NEFOS_* environment variables: docs/configuration.md.`;

const main = async () => {
  const options = readOptions(HELP);
  if (options.help) console.log(HELP);
  else await startNefos(options);
};
main().catch(fail);
