import { drf, dropTrailing, ExactNumber } from '@nefos/contracts';

const rules = (
  schema: {
    safeParse(v: unknown): {
      success: boolean;
      error?: { issues: readonly { path: PropertyKey[]; params?: unknown }[] };
    };
  },
  value: unknown,
) => {
  const found = schema.safeParse(value);
  return found.success
    ? []
    : found.error!.issues.map((i) => [i.path.join('.'), (i as { params: { rule: string } }).params.rule]);
};

describe('fields as Django REST framework judges them', () => {
  it.each([
    [drf.char({}), undefined, 'required'],
    [drf.char({}), null, 'null'],
    [drf.char({}), '', 'blank'],
    [drf.char({}), '   ', 'blank'],
    [drf.char({}), {}, 'not_string'],
    [drf.char({}), true, 'not_string'],
    [drf.char({ max: 2 }), 'abc', 'max_length'],
    [drf.char({}), 'a\u0000', 'text'],
    [drf.char({}), 'a\ud800', 'text'],
    [drf.char({}), '\udc00\ud800', 'text'],
    [drf.integer({}), '1'.repeat(1001), 'text'],
    [drf.integer({}), new ExactNumber('9007199254740993'), 'integer'],
    [drf.integer({}), new ExactNumber('1.00000000000000001'), 'integer'],
    [drf.decimal({}), '0'.repeat(41), 'text'],
    [drf.decimal({}), new ExactNumber('1e400'), 'number'],
    [drf.decimal({}), new ExactNumber('1234567890123456'), 'number'],
    [drf.decimal({ places: 6 }), new ExactNumber('1.00000000000000001'), 'decimal_places'],
    [drf.boolean({}), new ExactNumber('1e400'), 'boolean'],
    [drf.choice(['a'], {}), new ExactNumber('1e400'), 'choice'],
    [drf.uuid({}), new ExactNumber('1e400'), 'uuid'],
    [drf.list(drf.uuid({}), {}), new ExactNumber('1e400'), 'not_list'],
    [drf.dict({}), new ExactNumber('1e400'), 'not_dict'],
    [drf.email({}), `${'a'.repeat(300)}@b.co`, 'max_length'],
    [drf.email({}), 'jane', 'email'],
    [drf.email({}), 'a@b', 'email'],
    [drf.integer({}), 'x', 'integer'],
    [drf.integer({}), 1.5, 'integer'],
    [drf.integer({}), '', 'integer'],
    [drf.integer({}), '9'.repeat(30), 'integer'],
    [drf.integer({ max: 3 }), 4, 'max_value'],
    [drf.boolean({}), 'Yes', 'boolean'],
    [drf.boolean({}), 2, 'boolean'],
    [drf.boolean({}), '', 'boolean'],
    [drf.uuid({}), 'tiny', 'uuid'],
    [drf.uuid({}), 5, 'uuid'],
    [drf.choice(['a'], {}), 'b', 'choice'],
    [drf.decimal({}), 'x', 'number'],
    [drf.decimal({ places: 2 }), '1.234', 'decimal_places'],
    [drf.list(drf.uuid({}), {}), 'x', 'not_list'],
    [drf.list(drf.uuid({}), { nonEmpty: true }), [], 'empty_list'],
    [drf.dict({}), [], 'not_dict'],
    [drf.dict({}), null, 'null'],
  ])('%# is refused by rule', (schema, value, rule) => {
    expect(rules(schema, value)).toEqual([['', rule]]);
  });
  it.each([
    [drf.char({}), ' a ', 'a'],
    [drf.char({}), 5, '5'],
    [drf.char({ blank: true }), '', ''],
    [drf.char({ nullable: true }), null, null],
    [drf.char({ required: false, default: 'd' }), undefined, 'd'],
    [drf.char({ required: false }), undefined, undefined],
    [drf.integer({}), '1_000', 1000],
    [drf.integer({}), ' 7 ', 7],
    [drf.boolean({}), 'on', true],
    [drf.boolean({}), 'F', false],
    [drf.boolean({}), 0, false],
    [drf.uuid({}), 'FD6EBB42F3054EB7B086FCCE39BC761F', 'fd6ebb42-f305-4eb7-b086-fcce39bc761f'],
    [drf.decimal({ places: 2 }), 2.5, '2.5'],
    [drf.decimal({ places: 2 }), '10.00', '10'],
    [drf.decimal({ places: 6 }), new ExactNumber('123456789012345.123456'), '123456789012345.123456'],
    [drf.char({}), new ExactNumber('12345678901234567890'), '12345678901234567890'],
    [drf.char({ max: 1 }), '\u{1f600}', '\u{1f600}'],
  ])('%# is taken', (schema, value, wanted) => {
    expect(schema.parse(value)).toEqual(wanted);
  });
  it('every refused field of a nested document is named at once; unknown keys are dropped', () => {
    const schema = drf.dict({
      name: drf.char({}),
      boot: drf.dict({ id: drf.uuid({}), type: drf.choice(['image'], {}) }),
      nics: drf.list(drf.uuid({}), {}),
    });
    expect(
      rules(schema, { boot: { type: 'x' }, nics: ['fd6ebb42-f305-4eb7-b086-fcce39bc761f', 'y'], more: 1 }),
    ).toEqual([
      ['name', 'required'],
      ['boot.id', 'required'],
      ['boot.type', 'choice'],
      ['nics.1', 'uuid'],
    ]);
    expect(drf.dict({ a: drf.char({}) }).parse({ a: 'x', b: 1 })).toEqual({ a: 'x' });
  });
  it('long text is refused before it is looked at', () => {
    const start = process.cpuUsage();
    expect(rules(drf.decimal({}), `0.${'0'.repeat(60_000)}1`)).toEqual([['', 'text']]);
    expect(rules(drf.decimal({}), ' '.repeat(250_000))).toEqual([['', 'text']]);
    expect(rules(drf.integer({}), `${' '.repeat(250_000)}x`)).toEqual([['', 'text']]);
    expect(rules(drf.email({}), 'a@'.repeat(100_000))).toEqual([['', 'max_length']]);
    expect(dropTrailing(`${'0'.repeat(200_000)}1`, '0')).toHaveLength(200_001);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
  });
  it('a PATCH takes any part, and judges what it takes', () => {
    const schema = drf.partial({
      name: drf.char({ max: 3 }),
      fax: drf.char({ required: false, nullable: true, default: null }),
    });
    expect(schema.parse({})).toEqual({});
    expect(schema.parse({ fax: null })).toEqual({ fax: null });
    expect(rules(schema, { name: '' })).toEqual([['name', 'blank']]);
  });
});
