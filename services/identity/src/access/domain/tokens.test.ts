import { isLive, refusalOf, asIssued, type TokenRecord, type TokenUser } from './tokens.js';

const user: TokenUser = {
  id: 1,
  uuid: 'u',
  username: 'n',
  name: 'N',
  isActive: true,
  isSuperuser: false,
  defaultProject: 'u',
  termsSigned: true,
  groupIds: [1],
};
const token = (more: Partial<TokenRecord> = {}, who: Partial<TokenUser> = {}): TokenRecord => ({
  key: 'k',
  auditId: 'a',
  kind: 'api',
  pad: 0,
  scope: 'project',
  project: null,
  methods: [],
  createdAt: '',
  expiresAt: null,
  leftMs: null,
  projectName: null,
  readOnly: false,
  credential: null,
  user: { ...user, ...who },
  component: null,
  ...more,
});
describe('a token', () => {
  it.each([
    [undefined, 'token.unknown'],
    [token({ user: null, component: { id: 1, name: 'c', rights: [] } }), 'token.unknown'],
    [token({ leftMs: 0 }, { isActive: false, termsSigned: false }), 'user.inactive'],
    [token({ leftMs: 0 }, { termsSigned: false }), 'token.expired'],
    [token({ leftMs: 1 }, { termsSigned: false }), 'terms.pending'],
    [token({ leftMs: 1 }), null],
    [token(), null],
  ] as const)('is refused in the order of the contract: case %#', (t, code) => {
    expect(refusalOf(t)).toBe(code);
  });
  it('of a component lives until its end', () => {
    const component = { id: 1, name: 'c', rights: [] };
    expect([isLive(token({ user: null, component })), isLive(token({ user: null, component, leftMs: -1 }))]).toEqual([
      true,
      false,
    ]);
  });
  it('is shown with the padding that its owner left away', () => {
    expect([asIssued(token({ pad: 2 }), 'x'), asIssued(token({ pad: 2 }), 'x=='), asIssued(token(), 'x')]).toEqual([
      'x==',
      'x==',
      'x',
    ]);
  });
});
