import type { Fault } from '@nefos/service-kit';
import type { Wording } from '../wording.js';
import { sentenceOf, wordingOf } from '../refusals.js';
import { planList } from './list-plan.js';
import { readListQuery, splitTerms, type ListSpec } from './list-query.js';

const spec: ListSpec = {
  select: 'x.*',
  from: 'x',
  fields: {
    id: { sql: 'x.id', type: 'int' },
    name: { sql: 'x.name', type: 'text' },
    project__service__client__id: { sql: 'x.client_id', type: 'int' },
    uuid: { sql: 'x.uuid', type: 'uuid' },
    locked: { sql: 'x.locked', type: 'boolean' },
    created: { sql: 'x.created', type: 'time' },
    price: { sql: 'x.price', type: 'decimal' },
    groups__name: { sql: 'g.name', type: 'text', exists: 'select from g where g.x = x.id and %' },
    external: { sql: 'x.external', type: 'text', plain: true },
  },
  search: ['x.name', 'x.external'],
  ordering: '-created',
  tie: 'x.id',
};
const plan = (query: Record<string, unknown>) => planList(spec, readListQuery(spec, query));
const where = (filtering: string) => {
  const { count, values } = plan({ filtering });
  return [/ where (.*)$/.exec(count)?.[1], values];
};
const faultOf = (query: Record<string, unknown>): Fault => {
  try {
    readListQuery(spec, query);
  } catch (err) {
    return err as Fault;
  }
  throw new Error('no fault');
};
const textOf = ({ code, params }: Fault): string => sentenceOf(wordingOf(code) as Wording, params);

describe('splitTerms', () => {
  it.each([
    ['id:1+name:a', ['id:1', 'name:a']],
    ['id:1 name:a', ['id:1', 'name:a']],
    ['name:a b', ['name:a b']],
    ['name:a+b', ['name:a+b']],
    ['name:a:b', ['name:a:b']],
    ['created__gt:2019-11-21T16:43:25+02:00+id:1', ['created__gt:2019-11-21T16:43:25+02:00', 'id:1']],
    ['', []],
  ])('%s', (said, terms) => {
    expect(splitTerms(said)).toEqual(terms);
  });
});

describe('readListQuery', () => {
  it('joins terms by "and" and numbers parameters through', () => {
    expect(where('project__service__client__id:5+name__icontains:a%b')).toEqual([
      `(x.client_id = $1::bigint) and (fold(x.name) like '%' || fold($2::text) || '%')`,
      ['5', 'a\\%b'],
    ]);
  });
  it.each([
    ['id__ne:1', '((x.id = $1::bigint) is not true)', ['1']],
    ['id__in:1,2', '(x.id = any($1::bigint[]))', [['1', '2']]],
    ['id__range:1,2', '(x.id between $1::bigint and $2::bigint)', ['1', '2']],
    ['name__isnull:true', '(x.name is null)', []],
    ['groups__name:a', 'exists (select from g where g.x = x.id and (g.name = $1::text))', ['a']],
    ['groups__name__ne:a', '(exists (select from g where g.x = x.id and (g.name = $1::text))) is not true', ['a']],
    ['created__lt:2019-11-21 16:43 02:00', '(x.created < $1::timestamptz)', ['2019-11-21 16:43+02:00']],
    ['locked:True', '(x.locked = $1::boolean)', [true]],
    ['price__gte:1.50', '(x.price >= $1::numeric)', ['1.50']],
  ])('%s', (filtering, sql, values) => {
    const [found, got] = where(filtering);
    expect(found).toContain(sql.replace(/^\((.*)\)$/, '$1'));
    expect(got).toEqual(values);
  });

  it.each([
    'nothing:1',
    'id:x',
    'id',
    ':1',
    'id__no:1',
    'uuid:newinstance',
    'created__gt:2019-02-31',
    'created__gt:2019-01-01T25:00',
    'created__gt:now',
    'locked:perhaps',
    'price:1e5',
    'id__in:1,x',
    'id__range:1',
    'name:a\u0000',
    '__proto__:1',
    'constructor:1',
    'id:9999999999999999999',
  ])('400: %j', (filtering) => {
    expect(faultOf({ filtering })).toMatchObject({ kind: 'invalid', code: 'filter' });
    expect(textOf(faultOf({ filtering }))).toBe(`Invalid filter: ${filtering}`);
  });
  it.each(['0', '-1', 'x', '', '1.5', '99999999999'])('404: page %j', (page) => {
    expect(faultOf({ page })).toMatchObject({ kind: 'not_found' });
    expect(textOf(faultOf({ page }))).toBe('Invalid page.');
  });

  it.each([
    [undefined, 20],
    ['7', 7],
    ['501', 500],
    ['1000000000', 500],
    ['99999999999999999999', 500],
    ['1_000', 500],
    [' +7 ', 7],
    ['1e3', 20],
    ['0x10', 20],
    ['7.5', 20],
    ['0', 20],
    ['x', 20],
    ['-3', 20],
  ])('page_size %p is %p', (said, wanted) => {
    expect(readListQuery(spec, { page_size: said }).pageSize).toBe(wanted);
  });
  it.each([
    [undefined, 'x.created desc, x.id desc'],
    ['id', 'x.id, x.id'],
    ['name,-id', 'x.name, x.id desc, x.id'],
    ['nothing', 'x.created desc, x.id desc'],
    ['groups__name', 'x.created desc, x.id desc'],
    ['id; drop table x', 'x.created desc, x.id desc'],
  ])('ordering %p is %p', (ordering, wanted) => {
    expect(readListQuery(spec, { ordering }).orderBy).toBe(wanted);
  });

  it('every word of a search must be somewhere', () => {
    expect(plan({ search: 'jane  doe' }).values).toEqual(['jane', 'jane', 'doe', 'doe']);
    expect(plan({ search: 'jane' }).count).toContain(
      `(fold(x.name) like '%' || fold($1::text) || '%' or fold(x.external) like '%' || fold($2::text) || '%')`,
    );
  });
  it('a plain filter is exact, and the last of several counts', () => {
    expect(plan({ external: ['a', 'b:c'] })).toMatchObject({ values: ['b:c'] });
  });
  it('tables that are joined are read for keys and numbers only when something asks for them', () => {
    const from = 'x left join y on y.id = x.y left join zed z on z.id = x.z';
    const joined = 'x left join yard y on y.id = x.y left join zed z on z.id = x.z';
    const of = (spec: ListSpec, query: Record<string, unknown>): string =>
      / from (.*?)(?: where|$)/.exec(planList(spec, readListQuery(spec, query)).count)?.[1] ?? '';
    const fields = { ...spec.fields, yard: { sql: 'y.name', type: 'text' } as const };
    const withJoins = { ...spec, fields, from: joined, table: 'x' };
    expect(of(withJoins, { filtering: 'name:a' })).toBe('x');
    expect(of(withJoins, { filtering: 'yard:a' })).toBe(joined);
    expect(of(withJoins, { ordering: '-yard' })).toBe(joined);
    // What is not known to add or take no row is always there.
    expect(of({ ...spec, from }, {})).toBe(from);
    const { rows } = planList(withJoins, readListQuery(withJoins, {}));
    expect(rows).toBe(
      `select x.* from ${joined} where x.id = any(array(select x.id from x order by x.created desc, x.id desc ` +
        'limit 21 offset 0)) order by x.created desc, x.id desc',
    );
  });
  it('the scope comes before what was asked', () => {
    expect(
      planList(spec, readListQuery(spec, { filtering: 'id:1' }), [
        { sql: 'x.client_id = any($::int[])', values: [[7]] },
      ]),
    ).toMatchObject({ values: [[7], '1'] });
  });
});
