// @ts-check
// The mixed load: workers that choose their next action at random, until `stop`.
import { setTimeout as sleep } from 'node:timers/promises';
import { instanceLoad } from './load-instances.mjs';
import { peopleLoad } from './load-people.mjs';
import { readLoad } from './load-reads.mjs';
import { tenantLoad } from './load-tenants.mjs';
import { chance } from './random.mjs';

/**
 * What the load works with: `staff` and `admin` are tokens, `parts` those of an instance, `pauseMs` the longest pause
 * of a worker.
 * @typedef {{ world: any, wire: ReturnType<typeof import('./wire.mjs').createWire>, journal: any, ask: any, staff:
 *   string,
 *   admin: string, parts: Record<string, string>, seed: number, workers: number, pauseMs: number }} Run
 */
/** @param {Run} run */
export const createLoad = (run) => {
  const tenants = tenantLoad(run);
  const instances = instanceLoad(run);
  const people = peopleLoad(run);
  const reads = readLoad(run);
  /** Weight and action by name. @type {Record<string, [number, (random: any) => unknown]>} */
  const actions = {
    'tenant.create': [4, tenants.create],
    'tenant.update': [4, tenants.update],
    'tenant.credit': [14, tenants.credit],
    'tenant.suspend': [2, tenants.suspend],
    'tenant.retire': [1, tenants.retire],
    'token.mint': [8, tenants.mint],
    'token.revoke': [5, tenants.revoke],
    'instance.create': [10, instances.create],
    'instance.act': [22, instances.act],
    'instance.rename': [5, instances.rename],
    'instance.lock': [3, instances.lock],
    'instance.delete': [5, instances.remove],
    'instance.read': [8, instances.read],
    'person.create': [2, people.create],
    'person.update': [4, people.update],
    'person.renew': [2, people.renew],
    'person.login': [2, people.login],
    'credential.create': [2, people.credential],
    'credential.use': [2, people.useCredential],
    'credential.delete': [1, people.removeCredential],
    'person.revoke': [3, people.revoke],
    'read.usage': [8, reads.usage],
    'read.good': [12, reads.good],
    'read.revoked': [14, reads.revoked],
  };
  const weights = Object.fromEntries(Object.entries(actions).map(([name, [weight]]) => [name, weight]));
  let going = true;
  const failures = [];
  const worker = async (n) => {
    const random = chance(run.seed, `worker ${n}`);
    while (going) {
      const name = random.weighted(weights);
      try {
        await actions[name][1](random);
      } catch (err) {
        // A fault of the load itself, or an answer that is not what it says it is.
        if (failures.length < 100) failures.push(`${name}: ${err.stack.split('\n').slice(0, 2).join(' ')}`);
      }
      await sleep(random.whole(0, run.pauseMs));
    }
  };
  let running;
  return {
    failures,
    start: () => (running = Promise.all(Array.from({ length: run.workers }, (_, n) => worker(n)))),
    /** Actions that have begun are finished. */
    stop: async () => {
      going = false;
      await running;
    },
    /** Finds out what became of everything whose answer was lost. */
    settle: async () => {
      for (const tenant of run.world.tenants) if (tenant.state === 'maybe') await tenants.find(tenant);
      for (const person of run.world.people) if (person.state === 'maybe') await people.find(person);
    },
  };
};
