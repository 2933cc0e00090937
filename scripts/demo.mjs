#!/usr/bin/env node
// @ts-check
// npm run demo: the control plane's main job, over public HTTP only. Exits != 0 on any mismatch.
import './lib/check-node.cjs';
import { argsOrExit } from './lib/options.mjs';
import { bold, dim, red, Trouble } from './lib/progress.mjs';

argsOrExit(`npm run demo

The control plane's main job, told over public HTTP only, against the Nefos that runs. No options.
NEFOS_DEMO_CREDENTIALS=<file>: other credentials than .nefos/credentials.json`);
// Only now: the client reads the credentials, and ends the process when there are none.
const { gateway } = await import('./demo/client.mjs');
const { cleanUp, findParts, leftBehind, showCompute } = await import('./demo/compute.mjs');
const { showIdentity } = await import('./demo/identity.mjs');
const { showMetering } = await import('./demo/metering.mjs');
const { removeMachines, showIntrospection } = await import('./demo/introspection.mjs');

const textOf = (/** @type {Error} */ err) => red(err instanceof Trouble ? err.message : (err.stack ?? err.message));
try {
  const parts = await findParts();
  await showIdentity();
  await showMetering(await showCompute(parts));
  await showIntrospection();
  console.log(`\n${bold('All of it was as promised.')} ${dim(gateway)}`);
} catch (err) {
  console.error(`\n${textOf(err)}`);
  await cleanUp().catch((failure) => console.error(`${leftBehind()}: ${textOf(failure)}`));
  await removeMachines().catch((failure) => console.error(`a machine of the demo is left: ${textOf(failure)}`));
  process.exit(1);
}
