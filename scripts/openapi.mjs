#!/usr/bin/env node
// npm run openapi: writes services/<name>/openapi.json from the contracts. A test of each service fails while it is
// stale.
import './lib/check-node.cjs';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { argsOrExit } from './lib/options.mjs';
import { build, install, root } from './lib/prepare.mjs';
import { step } from './lib/progress.mjs';

argsOrExit('npm run openapi\n\nWrites services/<name>/openapi.json from the contracts. No options.');
await step('dependencies', install);
await step('build', build);
for (const name of ['identity', 'compute', 'metering']) {
  const compiled = path.join(root, 'services', name, 'dist/openapi.js');
  if (!existsSync(compiled)) continue;
  await step(`services/${name}/openapi.json`, async () => {
    const { document } = await import(compiled);
    writeFileSync(path.join(root, 'services', name, 'openapi.json'), `${JSON.stringify(document(), null, 2)}\n`);
  });
}
