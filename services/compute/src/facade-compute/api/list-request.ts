import { allTexts, queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import type { KeysetRequest, SortKey } from '../../lists/keyset.js';
import { UUID } from '../../lists/uuid.js';

const NEWEST: readonly SortKey[] = [{ key: 'created_at', descending: true }];

/** Sort keys of a request, the standard ones when there are none. @throws Fault invalid */
const sortOf = (
  query: FaceQuery,
  keyOf: (name: string) => string | undefined,
  standard: readonly SortKey[],
  ignored: ReadonlySet<string>,
): SortKey[] => {
  const keys = allTexts(query, 'sort_key')
    .slice(0, 5)
    .filter((name) => !ignored.has(name));
  const dirs = allTexts(query, 'sort_dir');
  if (!keys.length)
    return standard.map((one) => ({ ...one, descending: dirs[0] ? dirs[0] !== 'asc' : one.descending }));
  return keys.map((name, i) => {
    const key = keyOf(name);
    const dir = dirs[i] ?? dirs.at(-1) ?? 'desc';
    if (key === undefined || !['asc', 'desc'].includes(dir))
      throw faceFault(
        'invalid',
        `Invalid input for query parameters sort_key. Value: ${name.slice(0, 100)}. It is not a key to sort by`,
      );
    return { key, descending: dir === 'desc' };
  });
};
/** A page by marker as Nova's lists take it. @throws Fault invalid */
export const markerRequest = (
  query: FaceQuery,
  {
    keyOf,
    conditions,
    standard = NEWEST,
    ignored = new Set(),
  }: {
    keyOf: (name: string) => string | undefined;
    conditions: KeysetRequest['conditions'];
    standard?: readonly SortKey[];
    /** Sort keys that are passed over. */
    ignored?: ReadonlySet<string>;
  },
): KeysetRequest => {
  const marker = queryText(query, 'marker');
  if (marker !== undefined && !UUID.test(marker)) throw unknownMarker(marker);
  return { limit: queryLimit(query), marker, sort: sortOf(query, keyOf, standard, ignored), conditions };
};
export const unknownMarker = (marker: string | undefined) =>
  faceFault('invalid', `marker [${(marker ?? '').slice(0, 100)}] not found`);
