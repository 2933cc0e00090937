#!/usr/bin/env node
// npm run openapi: writes the OpenAPI documents services/<name>/openapi*.json from the contracts. A test of each
// service fails while one is stale.
import './lib/check-node.cjs';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { argsOrExit } from './lib/options.mjs';
import { build, install, root } from './lib/prepare.mjs';
import { step } from './lib/progress.mjs';

argsOrExit('npm run openapi\n\nWrites services/<name>/openapi*.json from the contracts. No options.');
await step('dependencies', install);
await step('build', build);
for (const name of ['identity', 'compute', 'metering', 'introspection']) {
  const compiled = path.join(root, 'services', name, 'dist/openapi.js');
  if (!existsSync(compiled)) continue;
  const { documents } = await import(compiled);
  for (const [file, make] of Object.entries(documents))
    await step(`services/${name}/${file}`, () => {
      writeFileSync(path.join(root, 'services', name, file), `${JSON.stringify(make(), null, 2)}\n`);
    });
}
