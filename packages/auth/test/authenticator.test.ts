import { createServer, request, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Principal } from '@nefos/contracts';
import express from 'express';
import {
  createAuthenticator,
  VerifierUnavailable,
  type AuthenticationError,
  type AuthenticatorOptions,
} from '../src/index.js';
import { peerFilter } from '../src/peers.js';

const user: Principal = { kind: 'user', uuid: 'u', displayName: 'U', roles: [], via: 'x-auth-token' };
const verifier = {
  verify: async (token: string) => {
    if (token === 'down') throw new VerifierUnavailable(7);
    return ['good', 'other'].includes(token) ? { ...user, uuid: token } : null;
  },
};
const boss: Principal = { ...user, uuid: 'boss', via: 'rh-identity' };
const trusted = {
  name: 'x-rh-identity',
  parse: (value: string) => {
    if (value !== 'boss') throw new Error(`not read: ${value}`);
    return boss;
  },
} as const;

/** What the authenticator makes of one real request: the principal, null, or reason and detail. */
const ask = async (
  options: Partial<AuthenticatorOptions>,
  headers: OutgoingHttpHeaders,
  target = '/',
  body?: string,
): Promise<unknown> => {
  const authenticate = createAuthenticator({ verifier, accept: ['x-auth-token', 'bearer', 'token'], ...options });
  const app = express();
  app.use(express.json());
  app.use((req, res) => {
    void authenticate(req)
      .then(
        (p) => p && { uuid: p.uuid, via: p.via },
        (err: AuthenticationError) => `${err.reason}: ${err.detail}${err.retryAfter ? ` ${err.retryAfter}` : ''}`,
      )
      .then((out) => {
        res.json({ out });
      });
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await new Promise((resolve, reject) => {
      const req = request(
        {
          port: (server.address() as AddressInfo).port,
          path: target,
          method: body ? 'POST' : 'GET',
          headers: { connection: 'close', ...(body && { 'content-type': 'application/json' }), ...headers },
        },
        (res) => {
          let text = '';
          res
            .setEncoding('utf8')
            .on('data', (part: string) => {
              text += part;
            })
            .on('end', () => resolve((JSON.parse(text) as { out: unknown }).out));
        },
      );
      req.on('error', reject).end(body);
    });
  } finally {
    server.close();
  }
};

describe('where a token is found', () => {
  it.each([
    ['X-Auth-Token', { 'x-auth-token': 'good' }, 'x-auth-token'],
    ['Bearer', { authorization: 'Bearer good' }, 'bearer'],
    ['bearer in any case and with blanks', { authorization: 'BEARER   good' }, 'bearer'],
    ['Token', { authorization: 'token good' }, 'token'],
  ])('%s', async (_name, headers, via) => {
    expect(await ask({}, headers)).toEqual({ uuid: 'good', via });
  });

  it.each([
    ['nothing at all', {}],
    ['an empty X-Auth-Token', { 'x-auth-token': '' }],
    ['Basic', { authorization: 'Basic dTpw' }],
    ['a word that only begins like a scheme', { authorization: 'Tokens good' }],
  ])('%s: no credentials', async (_name, headers) => {
    expect(await ask({}, headers)).toBeNull();
  });

  it('a scheme that is not accepted is no credential', async () => {
    expect(await ask({ accept: ['token'] }, { authorization: 'Bearer good', 'x-auth-token': 'good' })).toBeNull();
  });
  it('of several, the order of `accept` decides, and a bad first one is not passed over', async () => {
    const both = { 'x-auth-token': 'good', authorization: 'Token other' };
    expect(await ask({ accept: ['token', 'x-auth-token'] }, both)).toEqual({ uuid: 'other', via: 'token' });
    expect(await ask({ accept: ['x-auth-token', 'token'] }, both)).toEqual({ uuid: 'good', via: 'x-auth-token' });
    expect(await ask({ accept: ['x-auth-token', 'token'] }, { ...both, 'x-auth-token': 'bad' })).toBe(
      'invalid: unknown_token',
    );
  });
  it('access_token in query or body is not looked at, nor does it disturb a header', async () => {
    expect(await ask({}, {}, '/?access_token=good')).toBeNull();
    expect(await ask({}, {}, '/', '{"access_token":"good"}')).toBeNull();
    expect(await ask({}, { authorization: 'Bearer good' }, '/?access_token=good', '{"access_token":"good"}')).toEqual({
      uuid: 'good',
      via: 'bearer',
    });
  });
});

describe('what is wrong with it', () => {
  it.each([
    ['nothing behind the scheme', { authorization: 'Token' }, 'malformed: no_credentials'],
    ['blanks behind the scheme', { authorization: 'Bearer  ' }, 'malformed: no_credentials'],
    ['two words', { authorization: 'Token a b' }, 'malformed: spaces'],
    ['two X-Auth-Token headers', { 'x-auth-token': ['good', 'good'] }, 'malformed: spaces'],
    ['characters beyond ASCII', { authorization: 'Token g\u00f6\u00f6d' }, 'malformed: characters'],
    ['too long', { 'x-auth-token': 'x'.repeat(4097) }, 'malformed: too_long'],
    ['unknown', { 'x-auth-token': 'bad' }, 'invalid: unknown_token'],
    ['identity away', { 'x-auth-token': 'down' }, 'unavailable: identity_unavailable 7'],
  ])('%s', async (_name, headers, expected) => {
    expect(await ask({}, headers)).toBe(expected);
  });
});

describe('the trusted header', () => {
  it('speaks for others when the socket comes from a trusted peer, and goes before a token', async () => {
    expect(await ask({ trustedHeader: trusted }, { 'x-rh-identity': 'boss', 'x-auth-token': 'bad' })).toEqual({
      uuid: 'boss',
      via: 'rh-identity',
    });
  });
  it('is not seen from anybody else, whatever X-Forwarded-For says', async () => {
    const trustedHeader = { ...trusted, peers: ['192.0.2.0/24'] };
    expect(await ask({ trustedHeader }, { 'x-rh-identity': 'boss', 'x-forwarded-for': '192.0.2.1' })).toBeNull();
    expect(await ask({ trustedHeader }, { 'x-rh-identity': 'boss', 'x-auth-token': 'good' })).toEqual({
      uuid: 'good',
      via: 'x-auth-token',
    });
  });
  it('is malformed when its parser says so, and absent when empty', async () => {
    expect(await ask({ trustedHeader: trusted }, { 'x-rh-identity': 'nonsense' })).toBe('malformed: trusted_header');
    expect(await ask({ trustedHeader: trusted }, { 'x-rh-identity': '' })).toBeNull();
  });
  it('without configuration nobody is trusted', async () => {
    expect(await ask({}, { 'x-rh-identity': 'boss' })).toBeNull();
  });
});

describe('peers', () => {
  const loopback = peerFilter(['127.0.0.0/8', '::1', '10.1.0.0/16', 'fd00::/8']);
  it.each([
    ['127.0.0.1', true],
    ['::ffff:127.3.2.1', true],
    ['::1', true],
    ['10.1.255.1', true],
    ['10.2.0.1', false],
    ['::ffff:10.2.0.1', false],
    ['fd12::1', true],
    ['fe80::1', false],
    ['', false],
    [undefined, false],
    ['garbage', false],
  ])('%s: %s', (address, expected) => {
    expect(loopback(address)).toBe(expected);
  });
  it.each(['localhost', '10.0.0.0/x', '10.0.0.0/33', ''])('"%s" is refused at the start', (peer) => {
    expect(() => peerFilter([peer])).toThrow();
  });
});
