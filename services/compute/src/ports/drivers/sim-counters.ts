import type { Db } from '@nefos/service-kit';
import type { ComputeDriver, Counters, Ref } from '../driver.js';
import { missing } from './sim-changes.js';
import { listUptimes } from './sim-machines.js';

/** Bytes to and from each interface in a millisecond that the machine runs. */
const RX = 10n;
const TX = 5n;

/** Counters that grow with the time for which a machine has run, and with nothing else (contract compute §11.3). */
export const counterCalls = (db: Db, region: string) => {
  const countersOf = async (refs: readonly Ref[]): Promise<Map<string, Counters[]>> => {
    const found = await listUptimes(
      db,
      region,
      refs.map(({ portalId }) => portalId),
    );
    return new Map(
      found.map(({ portalId, addresses, upMs }) => {
        const up = BigInt(upMs);
        const macs = [...new Set(addresses.map(({ mac }) => mac))];
        return [portalId, macs.map((mac) => ({ mac, rx: up * RX, tx: up * TX }))];
      }),
    );
  };
  return {
    countersOf,
    counters: async (ref) => {
      const found = (await countersOf([ref])).get(ref.portalId);
      if (!found) throw missing();
      return found;
    },
  } satisfies Partial<ComputeDriver>;
};
