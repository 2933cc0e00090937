// @ts-check
// Identity's own users: their fields, tokens and application credentials.
import { field, withFree } from './world.mjs';

const MOST_PEOPLE = 12;
const MOST_TOKENS = 5;
const V2 = '/identity/v2.0';
const V3 = '/identity/v3';

export const peopleLoad = ({ world, wire, ask, journal, admin }) => {
  const asAdmin = { 'X-Auth-Token': admin };
  const note = (kind, answer, details) =>
    journal.note(
      kind,
      answer.status >= 200 && answer.status < 300
        ? 'acknowledged'
        : answer.status >= 400 && answer.status < 500
          ? 'refused'
          : 'maybe',
      details,
    );
  const endTokens = (/** @type {any} */ person, /** @type {number} */ at, which = person.tokens) => {
    for (const token of which) {
      if (token.state !== 'gone')
        world.revoked.push({
          key: token.key,
          doors: 'identity',
          at,
          who: `token of person ${person.id}, ${token.how}`,
        });
      token.state = 'gone';
    }
    person.tokens = person.tokens.filter((one) => one.state !== 'gone');
  };

  const create = async (random) => {
    if (world.people.length >= MOST_PEOPLE) return;
    const email = `${world.name('person')}@example.com`;
    /** @type {any} */
    const person = { email, first: field('Ada'), tokens: [], credentials: [], state: 'maybe', busy: true };
    world.people.push(person);
    const json = {
      user: { username: email, first_name: 'Ada', last_name: 'Lovelace', password: `${email} long enough` },
    };
    // Identity knows no Idempotency-Key. An address is unique, so looking it up shows whether the user was made.
    const answer = await wire.ask('POST', `${V2}/users`, { headers: asAdmin, json, expect: [200] });
    note('person.create', answer, { email });
    if (answer.status === 200) {
      const { user } = answer.json();
      Object.assign(person, { id: user.id, state: 'there' });
      person.tokens.push({ key: user.auth_token, state: 'good', how: 'made with the user' });
    }
    person.busy = false;
    if (random.once(0.1)) await find(person);
  };
  const find = async (person) => {
    const found = await ask('look', 'GET', `${V2}/users?name=${encodeURIComponent(person.email)}`, {
      headers: asAdmin,
      expect: [200, 404],
    });
    if (found.status === 200) Object.assign(person, { id: found.json().user.id, state: 'there' });
    else if (found.status === 404) person.state = 'gone';
  };
  const free = (random, work) =>
    withFree(
      random,
      world.people.filter((one) => one.state === 'there'),
      work,
    );

  const update = (random) =>
    free(random, async (person) => {
      const first = `Ada ${random.whole(1, 1e6)}`;
      const answer = await ask('person.update', 'PUT', `${V2}/users/${person.id}`, {
        headers: asAdmin,
        json: { user: { first_name: first } },
      });
      if (answer.outcome === 'done') person.first.set(first, answer);
      else if (answer.outcome === 'maybe') person.first.maybe(first);
    });
  /** Makes a new token and ends all others. When the answer is lost, nobody knows the new token. */
  const renew = (random) =>
    free(random, async (person) => {
      const answer = await wire.ask('POST', `${V2}/users/${person.id}/action`, {
        headers: asAdmin,
        json: { renewToken: null },
      });
      note('person.renew', answer, { id: person.id });
      if (answer.status === 200) {
        endTokens(person, answer.endedAt);
        person.credentials = [];
        person.tokens.push({ key: answer.json().user.auth_token, state: 'good', how: 'renewed' });
      } else if (answer.status === 0 || answer.status >= 500) {
        // Whether the old ones are still good is not known: the proofs do not use them.
        person.tokens = [];
        person.credentials = [];
      }
    });
  const login = (random) =>
    free(random, async (person) => {
      if (person.tokens.length >= MOST_TOKENS) return;
      const json = {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { id: person.id, password: `${person.email} long enough` } },
          },
        },
      };
      const answer = await wire.ask('POST', `${V3}/auth/tokens?nocatalog`, { json, expect: [201, 429] });
      note('person.login', answer, { id: person.id });
      if (answer.status === 201)
        person.tokens.push({ key: answer.headers['x-subject-token'], state: 'good', how: 'password' });
    });

  const credential = (random) =>
    free(random, async (person) => {
      const own = person.tokens.find((one) => one.how !== 'credential');
      if (!own || person.credentials.length >= 3) return;
      const name = world.name('credential');
      const answer = await wire.ask('POST', `${V3}/users/${person.id}/application_credentials`, {
        headers: { 'X-Auth-Token': own.key },
        json: { application_credential: { name } },
        expect: [201],
      });
      note('credential.create', answer, { name });
      if (answer.status === 201) {
        const { id, secret } = answer.json().application_credential;
        person.credentials.push({ id, secret });
      }
    });
  const useCredential = (random) =>
    free(random, async (person) => {
      const one = random.one(person.credentials);
      if (!one || person.tokens.length >= MOST_TOKENS + 3) return;
      const json = {
        auth: {
          identity: { methods: ['application_credential'], application_credential: { id: one.id, secret: one.secret } },
        },
      };
      const answer = await wire.ask('POST', `${V3}/auth/tokens?nocatalog`, { json, expect: [201, 429] });
      note('credential.use', answer, { id: one.id });
      if (answer.status === 201)
        person.tokens.push({
          key: answer.headers['x-subject-token'],
          state: 'good',
          how: 'credential',
          credential: one.id,
        });
    });
  const removeCredential = (random) =>
    free(random, async (person) => {
      const own = person.tokens.find((one) => one.how !== 'credential');
      const one = random.one(person.credentials);
      if (!one || !own) return;
      person.credentials = person.credentials.filter((other) => other !== one);
      const answer = await ask(
        'credential.delete',
        'DELETE',
        `${V3}/users/${person.id}/application_credentials/${one.id}`,
        { headers: { 'X-Auth-Token': own.key }, expect: [204, 404] },
      );
      const its = person.tokens.filter((token) => token.credential === one.id);
      if (answer.outcome === 'maybe') person.tokens = person.tokens.filter((token) => !its.includes(token));
      else endTokens(person, answer.endedAt, its);
    });
  const revoke = (random) =>
    free(random, async (person) => {
      if (person.tokens.length < 2) return;
      const token = person.tokens.at(-1);
      // The token revokes itself; when the request is repeated it is not known any more.
      const answer = await ask('person.revoke', 'DELETE', `${V3}/auth/tokens`, {
        headers: { 'X-Auth-Token': token.key, 'X-Subject-Token': token.key },
        expect: [204, 401, 404],
      });
      if (answer.outcome === 'done' || (answer.unsure && answer.outcome === 'refused'))
        endTokens(person, answer.endedAt, [token]);
      else person.tokens = person.tokens.filter((one) => one !== token);
    });
  return { create, update, renew, login, credential, useCredential, removeCredential, revoke, find };
};
