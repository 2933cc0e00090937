import { objectsOf, type Json, type JsonObject } from '../../values.js';
import { BmcError } from '../domain/driver.js';
import type { Session } from './session.js';

/** Members of one collection that are read. */
const MOST_MEMBERS = 64;
/** Resources of one inventory that are read: a BMC that has more, or points in circles, does not hold us for ever. */
const MOST_READS = 400;

/** Reads what may be missing: 404, 500, 501 and absent keys are nothing (contract §10.1). */
export interface Reader {
  one(reference: Json | undefined): Promise<JsonObject | undefined>;
  /** The members of a collection, or of a list of references. */
  members(reference: Json | undefined, most?: number): Promise<JsonObject[]>;
}
export const makeReader = (session: Session): Reader => {
  let reads = 0;
  const one: Reader['one'] = async (reference) => {
    try {
      const path = session.follow(reference);
      if (path === undefined || reads >= MOST_READS) return undefined;
      reads += 1;
      return (await session.read(path)).body;
    } catch (err) {
      // A BMC that has gone away is no machine without disks.
      if (err instanceof BmcError && err.failure !== 'unreachable') return undefined;
      throw err;
    }
  };
  return {
    one,
    members: async (reference, most = MOST_MEMBERS) => {
      const list = Array.isArray(reference) ? reference : (await one(reference))?.Members;
      const found: JsonObject[] = [];
      for (const member of objectsOf(list).slice(0, most)) {
        const body = await one(member);
        if (body) found.push(body);
      }
      return found;
    },
  };
};
