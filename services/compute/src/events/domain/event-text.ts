import { localTime } from '../../local-time.js';
import { idOf } from '../place.js';
import type { EventRow } from '../tables.js';

/** An event as its readers see it; staff see more (contract compute §10.1). */
export const shownEvent = (one: EventRow, { staff, zone }: { staff: boolean; zone: string }) => ({
  type: one.type,
  created_at: localTime(one.createdAt, zone),
  client: one.clientId,
  object: { type: one.objectType, id: one.objectId },
  data: staff ? { ...one.data, ...one.staffData } : one.data,
});

/** A text for staff and one for end users, each made once, when it is first asked for. */
export const perAudience = (make: (staff: boolean) => string): ((staff: boolean) => string) => {
  const texts: { staff?: string; user?: string } = {};
  return (staff) => (texts[staff ? 'staff' : 'user'] ??= make(staff));
};
/** An event with its texts for a stream, each made once however many read it. */
export interface FeedEvent {
  readonly row: EventRow;
  textFor(staff: boolean): string;
}
export const feedEvent = (row: EventRow, zone: string): FeedEvent => ({
  row,
  textFor: perAudience(
    (staff) => `id: ${idOf(row)}\nevent: ${row.type}\ndata: ${JSON.stringify(shownEvent(row, { staff, zone }))}\n\n`,
  ),
});
