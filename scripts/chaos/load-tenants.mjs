// @ts-check
// Clients, their users and tokens, credits, suspension, and their end.
import { EXAMPLE_CLIENT } from '../lib/example-client.mjs';
import { field, micros, withFree } from './world.mjs';

const MOST_TENANTS = 14;
const MOST_TOKENS = 6;
const STAFF = '/staffapi';

export const tenantLoad = ({ world, wire, ask, journal, staff }) => {
  /** A new client with an end user. Whether it came about is known by its external id, whatever broke. */
  const create = async (random) => {
    if (world.living().length >= MOST_TENANTS) return;
    const name = world.name('client');
    const user = {
      username: name,
      email: `${name}@example.com`,
      first_name: 'Jane',
      last_name: 'Doe',
      password: `${name}-long-enough`,
      external_billing_id: name,
    };
    const phone = String(random.whole(1e6, 9e6));
    const json = { ...EXAMPLE_CLIENT, email: `${name}@example.com`, phone, external_billing_id: name, user };
    const tenant = {
      name,
      phone: field(phone),
      credit: new Map(),
      instances: [],
      tokens: [],
      state: 'maybe',
      suspended: field('active'),
      busy: true,
    };
    world.tenants.push(tenant);
    try {
      const answer = await ask('client.create', 'POST', `${STAFF}/clients`, { token: staff, json, expect: [201] });
      if (answer.outcome !== 'done' && answer.outcome !== 'lost') {
        if (answer.outcome === 'refused') tenant.state = 'gone';
        return;
      }
      if (answer.outcome === 'done') {
        tenant.id = answer.json().id;
        if (random.once(0.3)) await sameAgain(answer, tenant);
      }
      await find(tenant);
    } finally {
      tenant.busy = false;
    }
  };
  const sameAgain = async (answer, tenant) => {
    const twin = await answer.repeat();
    if (twin.status === 201 && twin.json().id !== tenant.id)
      world.violations.push(`the key of client ${tenant.id} was used again and made client ${twin.json().id}`);
  };
  const find = async (tenant) => {
    const clients = await ask('look', 'GET', `${STAFF}/clients?filtering=external_billing_id:${tenant.name}`, {
      token: staff,
    });
    if (clients.outcome !== 'done') return;
    tenant.id ??= clients.json().objects[0]?.id;
    const users = await ask('look', 'GET', `${STAFF}/users?external_billing_id=${tenant.name}`, { token: staff });
    if (users.outcome !== 'done' || tenant.id === undefined) return;
    tenant.user = users.json().objects[0]?.id;
    tenant.state = 'there';
  };

  const update = (random) =>
    withFree(random, world.living(), async (tenant) => {
      if (tenant.state !== 'there') return find(tenant);
      const phone = String(random.whole(1e6, 9e6));
      const answer = await ask('client.update', 'PATCH', `${STAFF}/clients/${tenant.id}`, {
        token: staff,
        json: { phone },
      });
      if (answer.outcome === 'done') tenant.phone.set(phone, answer);
      else if (answer.outcome === 'maybe') tenant.phone.maybe(phone);
    });
  /** Many at once on one client: the balance is a sum, whatever the order. */
  const credit = async (random) => {
    const tenant = random.one(world.living().filter((one) => one.state === 'there'));
    if (!tenant) return;
    const amount = `${random.whole(0, 999)}.${String(random.whole(1, 999_999)).padStart(6, '0')}`;
    const add = random.once(0.6);
    const currency = random.one(['EUR', 'USD']);
    const json = { amount, currency, add_credit: add };
    tenant.users = (tenant.users ?? 0) + 1;
    const answer = await ask('client.credit', 'POST', `${STAFF}/clients/${tenant.id}/change_credit`, {
      token: staff,
      json,
      expect: [200, 404],
    });
    tenant.users -= 1;
    if (answer.outcome === 'done' || answer.outcome === 'lost')
      tenant.credit.set(currency, (tenant.credit.get(currency) ?? 0n) + (add ? micros(amount) : -micros(amount)));
    else if (answer.outcome === 'maybe') tenant.creditUnknown = true;
  };
  const suspend = (random) =>
    withFree(random, world.living(), async (tenant) => {
      if (tenant.state !== 'there') return;
      const action = tenant.suspended.allows('suspended') ? 'resume' : 'suspend';
      const answer = await ask(`client.${action}`, 'POST', `${STAFF}/clients/${tenant.id}/${action}`, { token: staff });
      const status = action === 'suspend' ? 'suspended' : 'active';
      if (answer.outcome === 'done' || answer.outcome === 'lost') tenant.suspended.set(status, answer);
      else if (answer.outcome === 'maybe') tenant.suspended.maybe(status);
    });
  /** The client with all it has, then its user: nothing of either works any more. */
  const retire = async (random) => {
    if (world.living().length < MOST_TENANTS / 2) return;
    await withFree(random, world.living(), async (tenant) => {
      if (tenant.state !== 'there' || tenant.user === undefined || tenant.users) return;
      tenant.state = 'going';
      const gone = await ask('client.delete', 'DELETE', `${STAFF}/clients/${tenant.id}?delete_cloud_resources=true`, {
        token: staff,
        expect: [204, 404],
      });
      if (gone.outcome === 'maybe') return;
      const answer = await ask('user.delete', 'DELETE', `${STAFF}/users/${tenant.user}`, {
        token: staff,
        expect: [204, 404],
      });
      if (answer.outcome === 'maybe') return;
      tenant.state = 'gone';
      for (const token of tenant.tokens) endToken(tenant, token, answer.endedAt);
    });
  };

  const endToken = (tenant, token, at) => {
    if (token.state === 'gone') return;
    token.state = 'gone';
    if (token.key)
      world.revoked.push({ key: token.key, doors: 'portal', at, who: `token ${token.name} of user ${tenant.user}` });
  };
  const mint = (random) =>
    withFree(random, world.living(), async (tenant) => {
      if (
        tenant.user === undefined ||
        tenant.state !== 'there' ||
        tenant.tokens.filter((one) => one.state === 'good').length >= MOST_TOKENS
      )
        return;
      const token = { name: world.name('token'), state: 'maybe' };
      tenant.tokens.push(token);
      // The key is shown once: a POST for a token is never repeated; when its answer is lost it is looked up by name.
      const answer = await wire.ask('POST', `${STAFF}/users/${tenant.user}/tokens`, {
        headers: { Authorization: `Token ${staff}` },
        json: { name: token.name },
        expect: [201, 409],
      });
      if (answer.status === 201) Object.assign(token, { state: 'good', id: answer.json().id, key: answer.json().key });
      else if (answer.status === 409) token.state = 'refused';
      journal.note(
        'token.mint',
        token.state === 'good' ? 'acknowledged' : token.state === 'maybe' ? 'maybe' : 'refused',
        { name: token.name },
      );
    });
  const revoke = (random) =>
    withFree(random, world.living(), async (tenant) => {
      const good = tenant.tokens.filter((one) => one.state === 'good');
      if (good.length < 2) return;
      const token = random.one(good);
      token.state = 'going';
      const answer = await ask('token.revoke', 'DELETE', `${STAFF}/users/${tenant.user}/tokens/${token.id}`, {
        token: staff,
        expect: [204, 404],
      });
      if (answer.outcome !== 'maybe') endToken(tenant, token, answer.endedAt);
    });
  return { create, update, credit, suspend, retire, mint, revoke, find };
};
