import { macOf } from '../../addresses.js';
import type { IntrospectionCtx } from '../../ctx.js';
import type { PxeWishes } from '../../ports/pxe-filter.js';
import { hasOpenRuns, listAwaitedMacs, listPxePorts, readPxeVersion } from '../store/pxe.js';

/**
 * Machines whose run is open may boot the ramdisk, other known ones may not. Unknown ones may while any run is open,
 * whose machine may have unknown MACs, or while unknown machines become nodes; unless they never may.
 */
export const readPxeWishes = async ({ db, config }: IntrospectionCtx): Promise<PxeWishes> => {
  const macs = new Map<string, boolean>();
  for (let after = '0'; ;) {
    const ports = await listPxePorts(db, after);
    for (const { address, awaited } of ports) {
      const mac = macOf(address);
      if (mac !== undefined) macs.set(mac, awaited);
    }
    const last = ports.at(-1);
    if (!last) break;
    after = last.id;
  }
  for (const { value } of await listAwaitedMacs(db)) macs.set(value, true);
  const denied = config.NEFOS_INTROSPECTION_DENY_UNKNOWN_MACS === 'yes';
  const open = config.NEFOS_INTROSPECTION_NODE_NOT_FOUND === 'enroll' || (await hasOpenRuns(db));
  return { macs, unknown: open && !denied };
};
/** Of one process: what was true when the filter was last made so. */
interface Last {
  version: string;
  at: number;
}
const last = new WeakMap<object, Last>();
/**
 * Compares the filter with the runs when those have changed, and at least once in the period of the configuration.
 * @returns how many entries of the filter changed
 */
export const syncPxeFilter = async (ctx: IntrospectionCtx): Promise<number> => {
  const { pxeFilter, db, config } = ctx;
  if (pxeFilter.name === 'noop') return 0;
  const version = await readPxeVersion(db);
  const before = last.get(pxeFilter);
  const now = Date.now();
  const due = !before || now - before.at >= config.NEFOS_INTROSPECTION_PXE_FILTER_SYNC * 1000;
  if (!due && before.version === version) return 0;
  const changed = await pxeFilter.apply(await readPxeWishes(ctx));
  last.set(pxeFilter, { version, at: now });
  return changed;
};
