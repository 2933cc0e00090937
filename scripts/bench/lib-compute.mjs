// @ts-check
// Compute as the benchmarks start it, with one member of staff.
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { startPeer, startService, tokenAnswer, withClient } from './lib-service.mjs';

export const TOKEN = 'b'.repeat(40);
/** The token of an end user. */
export const OWN_TOKEN = 'c'.repeat(40);
/** The end user's uuid. */
export const OWNER = randomUUID();
/** The uuid of the staff user, as the peer in place of identity answers it for the token. */
export const STAFF = randomUUID();

/** @param {string} dir @param {string} url @param {string} peer @param {Record<string, string>} more settings */
export const startCompute = (dir, url, peer, more) => {
  const bootstrap = path.join(dir, 'bootstrap.json');
  /** @param {string} uuid @param {string} username @param {boolean} isStaff */
  const user = (uuid, username, isStaff) => ({
    uuid,
    username,
    email: `${username}@example.com`,
    first_name: 'B',
    last_name: 'B',
    is_staff: isStaff,
  });
  const users = [user(STAFF, 'bench', true), user(OWNER, 'owner', false)];
  fs.writeFileSync(bootstrap, JSON.stringify({ compute: { users } }));
  return startService('compute', {
    NEFOS_COMPUTE_DATABASE_URL: url,
    NEFOS_COMPUTE_TOKEN: 'bench-component-token-00000000000',
    NEFOS_IDENTITY_URL: peer,
    NEFOS_METERING_URL: peer,
    NEFOS_BOOTSTRAP_FILE: bootstrap,
    ...more,
  });
};

/**
 * Stands for identity, which says of each token that it is the end user's or the staff user's, and for metering, which
 * takes every event.
 */
export const startPeers = () => {
  const staff = tokenAnswer({ id: STAFF, name: 'bench' });
  const owner = tokenAnswer({ id: OWNER, name: 'owner' });
  return startPeer(({ url, headers }, body) => {
    if (url !== '/internal/v1/events') return { text: JSON.stringify(headers).includes(OWN_TOKEN) ? owner : staff };
    /** @type {{ events: { id: string }[] }} */
    const { events } = JSON.parse(body.toString());
    return { text: JSON.stringify({ results: events.map(({ id }) => ({ id, status: 'accepted' })) }) };
  });
};
/**
 * Stands for identity, as OpenStack's face asks it: every token is the end user's, for the project of a client.
 * @param {string} url of the database that the project's id is made by @param {number} client
 */
export const startOwner = async (url, client) => {
  const { rows } = await withClient(url, (db) => db.query('select md5($1::int::text) id', [client]));
  const answer = JSON.parse(tokenAnswer({ id: OWNER, name: 'owner', roles: ['reader', 'member'] }));
  const id = String(rows[0].id).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  answer.token.project = { id, name: 'bench', domain: answer.token.user.domain };
  const text = JSON.stringify(answer);
  return startPeer(() => ({ text }));
};
