import { CHANNELS } from '@nefos/service-kit';

/** An event in terms of SQL: expressions over the changed row, which has an `id`. */
export interface RecordedAs {
  /** SQL of the event's type. */
  type: string;
  /** The kind of object, as a word. */
  object: string;
  /** SQL of the client that hears of it; absent: the row's own `client_id`. */
  client?: string;
  /** SQL of what everyone sees. */
  data: string;
  /** SQL of what staff see besides, or instead. */
  staffData?: string;
  /** SQL: only of rows for which it is true. */
  when?: string;
}
/** The part of a statement that writes an event for each row of `source`. */
export const eventsOf = (
  source: string,
  { type, object, client = 'client_id', data, staffData = 'null', when }: RecordedAs,
): string =>
  `insert into event (type, client_id, object_type, object_id, data, staff_data)
    select ${type}, ${client}, '${object}', id::text, ${data}, ${staffData} from ${source}
    ${when ? `where ${when}` : ''}`;

/** SQL, true of every row: listeners are told at the commit. */
export const WAKE = `pg_notify('${CHANNELS.computeEvents}', '') is not null`;
/**
 * A statement that changes rows and records one event for each, as the row is afterwards: no further statement is
 * needed. Which row was changed, and how many, is as without it.
 * @param change an insert or update without `returning`
 * @param options.select columns of the changed row, called `changed`
 * @param options.wake false: nobody is told at once; listeners find the event within half a second. A NOTIFY makes
 * commits wait for one another, so frequent small steps do without.
 */
export const recording = (
  change: string,
  event: RecordedAs,
  { select = 'changed.id', wake = true, more = '' }: { select?: string; wake?: boolean; more?: string } = {},
): string =>
  `with changed as (${change} returning *), recorded as (${eventsOf('changed', event)})${more && `, ${more}`}
  select ${select} from changed${wake ? ` where ${WAKE}` : ''}`;
/**
 * A statement that records an event of each of these rows, as they are: in the transaction of a change that is several
 * statements, or none in SQL.
 * @param rows the select of the rows
 */
export const recordingOf = (rows: string, event: RecordedAs): string =>
  `with changed as (${rows}), recorded as (${eventsOf('changed', event)}) select from changed where ${WAKE}`;
