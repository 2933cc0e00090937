import type { Example } from '../document.js';

/** Exchanges of the guide, which services/identity/test/contract replays, and of contract identity §7, §12. */
export const IDENTITY_EXAMPLES: Readonly<Record<string, Example>> = {
  'GET /account/v1.0/authenticate': {
    response: {
      id: '12',
      displayname: 'user1@example.com',
      uuid: 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
      email: ['user1@example.com'],
      name: 'Firstname Lastname',
      username: 'user1@example.com',
      groups: ['default'],
      auth_token_created: 'Wed, 30 May 2012 10:03:37 GMT',
      auth_token_expires: 'Wed, 29 Jun 2112 10:03:37 GMT',
    },
  },
  'GET /ui/get_menu': { response: [{ url: '/ui/', name: 'Sign in', is_active: true }] },
  'POST /account/v1.0/user_catalogs': {
    body: {
      displaynames: ['user1@example.com', 'user2@example.com'],
      uuids: ['ff53baa9-c025-4d56-a6e3-963db0438830', 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8'],
    },
    response: {
      displayname_catalog: {
        'user1@example.com': 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
        'user2@example.com': '816351c7-7405-4f26-a968-6380cf47ba1f',
      },
      uuid_catalog: {
        'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8': 'user1@example.com',
        'ff53baa9-c025-4d56-a6e3-963db0438830': 'user3@example.com',
      },
    },
  },
  'POST /identity/v2.0/tokens': {
    body: {
      auth: {
        passwordCredentials: { username: 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8', password: 'CDEe2k0T/HdiJWBMMbHyOA==' },
        tenantName: 'system:a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
      },
    },
  },
  'POST /identity/v3/auth/tokens': {
    body: {
      auth: {
        identity: {
          methods: ['password'],
          password: {
            user: { name: 'user1@example.com', domain: { id: 'default' }, password: 'correct horse battery' },
          },
        },
        scope: { project: { id: 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8' } },
      },
    },
    response: {
      token: {
        methods: ['password'],
        issued_at: '2026-05-01T10:00:00.000000Z',
        expires_at: '2026-05-31T10:00:00.000000Z',
        audit_ids: ['Xl1t0mT9Q3eM7hQ2m9uC3w'],
        is_domain: false,
        user: {
          id: 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
          name: 'user1@example.com',
          domain: { id: 'default', name: 'Default' },
          password_expires_at: null,
        },
        project: {
          id: 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
          name: 'system:a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
          domain: { id: 'default', name: 'Default' },
        },
        roles: [{ id: '1', name: 'member' }],
        catalog: [],
      },
    },
  },
  'POST /identity/v2.0/users': {
    body: { user: { username: 'user4@example.com', first_name: 'Ada', last_name: 'Byron' } },
    response: {
      user: { id: '5f1d7a52-3f06-4f0e-9f0e-0a4c3a8f7f10', password: 'generated-once', auth_token: '0000example-token' },
    },
  },
  'POST /identity/v2.0/users/:id/action': { body: { deactivate: { reason: 'left the company' } } },
  'POST /account/v1.0/projects': {
    body: {
      name: 'research.example.com',
      end_date: '2027-12-31',
      description: 'Simulations',
      resources: { 'cyclades.vm': { project_capacity: 10, member_capacity: 2 } },
    },
    response: { id: '1b9e7c1e-8d40-4a3e-9f63-0a54b2d2f6a1', application: 1 },
  },
  'POST /account/v1.0/projects/:uuid/action': { body: { cancel: { app_id: 1, reason: 'no longer needed' } } },
  'POST /account/v1.0/feedback': { body: { feedback_msg: 'all well', feedback_data: 'v1' } },
};
