import { principalOfV3 } from '../src/v3-token.js';

const token = (more: object): unknown => ({
  token: {
    methods: ['password'],
    user: { id: 'u', name: 'jane', domain: { id: 'default', name: 'Default' }, password_expires_at: null },
    audit_ids: ['a'],
    issued_at: '2026-01-01T00:00:00.000000Z',
    expires_at: '2030-01-01T00:00:00.000000Z',
    ...more,
  },
});
const project = { id: 'p', name: 'p', domain: { id: 'default', name: 'Default' } };
const roles = (...names: string[]): object[] => names.map((name) => ({ id: name, name }));

describe('a token of v3 as a principal', () => {
  it.each([
    ['a role that only reads', { project, roles: roles('reader') }, true],
    ['no role in its project', { project, roles: [] }, true],
    ['roles of groups alone', { project, roles: roles('helpdesk') }, true],
    ['a role that writes', { project, roles: roles('reader', 'member') }, undefined],
    ['the role of administrators', { project, roles: roles('admin') }, undefined],
    ['no project', { roles: [] }, undefined],
    ['a mark of its own', { project, roles: roles('member'), read_only: true }, true],
  ])('with %s: read-only %s', (_what, more, expected) => {
    expect(principalOfV3(token(more)).readOnly).toBe(expected);
  });
  it('an application credential is known as one, restricted or not', () => {
    const made = (restricted: boolean) => token({ application_credential: { id: 'c', name: 'c', restricted } });
    expect(principalOfV3(made(false))).toMatchObject({ byCredential: true });
    expect(principalOfV3(made(true))).toMatchObject({ byCredential: true, restricted: true });
  });
});
