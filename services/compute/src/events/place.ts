/**
 * The place of an event in the log, and the id by which a client comes again: first the transaction, then the event.
 * Places compare as pairs.
 */
export interface Place {
  xact: number;
  sequence: number;
}
export const idOf = ({ xact, sequence }: Place): string => `${xact}-${sequence}`;
/** Undefined: it is no id of ours. */
export const placeOf = (id: string): Place | undefined => {
  const found = /^(\d{1,15})-(\d{1,15})$/.exec(id);
  return found ? { xact: Number(found[1]), sequence: Number(found[2]) } : undefined;
};
export const isAfter = (one: Place, other: Place): boolean =>
  one.xact > other.xact || (one.xact === other.xact && one.sequence > other.sequence);
