// @ts-check
// The proofs, one after the other, when everything has come to rest.
import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../lib/progress.mjs';
import { cloudProofs } from './proofs-cloud.mjs';
import { portalProofs } from './proofs-portal.mjs';
import { systemProofs } from './proofs-system.mjs';

const QUIET_SECONDS = 90;

const rest = async ({ stack, watch }) => {
  const since = Date.now();
  await stack.healthy(60);
  for (const end = since + QUIET_SECONDS * 1000; Date.now() < end; await sleep(1000)) {
    const rows = await watch.waiting().catch(() => [{}]);
    if (!rows.length) break;
  }
  // Revocations, and whatever pools and caches keep for some seconds.
  await sleep(5000);
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
};

/** @returns {Promise<{name: string, wrong: string[], how: string}[]>} */
export const proveAll = async (run) => {
  await step('everything comes to rest', () => rest(run));
  const results = [];
  const proofs = { ...portalProofs(run), ...cloudProofs(run), ...systemProofs(run) };
  for (const [name, { how, prove }] of Object.entries(proofs))
    try {
      results.push({ name, how, wrong: await prove() });
    } catch (err) {
      results.push({ name, how, wrong: [`the proof could not be made: ${err.stack}`] });
    }
  const code = await run.stack.stop(60);
  await sleep(500);
  const left = run.stack.processes.all();
  const wrong = [
    ...(code === 0 ? [] : [`npm start ended with ${code ?? 'nothing within 60 s'} after SIGTERM`]),
    ...(left.length ? [`living after it: ${left.map((one) => `${one.name} (${one.pid})`)}`] : []),
  ];
  results.push({ name: 'SIGTERM ends everything, and nothing is left over', how: 'npm-start.log', wrong });
  return results;
};
