// @ts-check
// Clients, credits, users, tokens and people: what was acknowledged is there, once, with its last acknowledged values.
import { doorsOf, showAt } from './doors.mjs';
import { micros } from './world.mjs';

const group = (rows, key) => {
  const out = new Map();
  for (const row of rows) out.set(row[key], [...(out.get(row[key]) ?? []), row]);
  return out;
};
const SHOWN = 300;

export const portalProofs = ({ world, stack, wire, staff, admin }) => ({
  'each acknowledged client is there once, with its last acknowledged values': {
    how: 'select * from client (nefos_compute) by external_billing_id',
    prove: async () => {
      const rows = await stack.query(
        'nefos_compute',
        `select c.id, c.external_billing_id name, c.phone, coalesce(c.hold, 'active') hold, c.email,
           (select count(*)::int from service s where s.client_id = c.id) services,
           (select count(*)::int from client_user u where u.client_id = c.id) users
         from client c where c.external_billing_id like $1`,
        [`chaos-${world.run}-%`],
      );
      const found = group(rows, 'name');
      const twins = await stack.query(
        'nefos_compute',
        'select email, count(*)::int n from client where email like $1 group by 1 having count(*) > 1',
        [`chaos-${world.run}-%`],
      );
      const wrong = twins.map((row) => `${row.n} clients with the address ${row.email}`);
      for (const tenant of world.tenants) {
        const own = found.get(tenant.name) ?? [];
        if (tenant.state === 'gone' && own.length)
          wrong.push(`client ${tenant.name} was deleted or refused, and is there`);
        if (tenant.state !== 'there') continue;
        if (own.length !== 1) wrong.push(`client ${tenant.name}: ${own.length} rows, 1 acknowledged`);
        else {
          const [row] = own;
          if (!tenant.phone.allows(row.phone))
            wrong.push(`client ${row.id}: phone ${row.phone}, acknowledged ${tenant.phone}`);
          if (!tenant.suspended.allows(row.hold))
            wrong.push(`client ${row.id}: ${row.hold}, acknowledged ${tenant.suspended}`);
          if (row.services !== 1 || row.users !== 1)
            wrong.push(`client ${row.id}: ${row.services} services and ${row.users} users, one of each was made`);
        }
      }
      return wrong;
    },
  },
  'each balance is the sum of the acknowledged changes': {
    how: 'select * from client_credit (nefos_compute) against the journal, kind client.credit',
    prove: async () => {
      const wrong = [];
      const rows = await stack.query(
        'nefos_compute',
        'select client_id, currency, amount::text amount from client_credit',
      );
      for (const tenant of world.tenants.filter((one) => one.state === 'there' && !one.creditUnknown))
        for (const currency of ['EUR', 'USD']) {
          const sum = tenant.credit.get(currency) ?? 0n;
          const is = micros(
            rows.find((row) => row.client_id === tenant.id && row.currency === currency)?.amount ?? '0',
          );
          if (sum !== is) wrong.push(`client ${tenant.id}: ${is} millionths of ${currency}, acknowledged ${sum}`);
        }
      return wrong;
    },
  },
  'each token is as it was acknowledged: good ones are accepted at every door': {
    how: 'select * from portal_token (nefos_compute), token (nefos_identity)',
    prove: async () => {
      const wrong = [];
      const holders = [
        ...world
          .living()
          .filter((one) => one.state === 'there')
          .map((one) => [one, 'portal']),
        ...world.people.map((one) => [one, 'identity']),
      ];
      const good = holders.flatMap(([one, kind]) =>
        one.tokens.filter((token) => token.state === 'good').map((token) => ({ one, kind, token })),
      );
      for (const { one, kind, token } of good.slice(0, SHOWN))
        for (const door of doorsOf(kind)) {
          const { accepted } = await showAt(wire, door, token.key);
          if (!accepted)
            wrong.push(
              `${door} refuses a good token of ${kind} ${one.id} ` +
                `(${token.name ?? token.how}${token.doubted ? ', refused during the run too' : ''})`,
            );
        }
      for (const tenant of world.tenants.filter((one) => one.state === 'there')) {
        const good = tenant.tokens.filter((one) => one.state === 'good').map((one) => one.name);
        const may = tenant.tokens
          .filter((one) => one.state === 'maybe' || one.state === 'going')
          .map((one) => one.name);
        const list = await wire.ask('GET', `/staffapi/users/${tenant.user}/tokens?page_size=500`, {
          headers: { Authorization: `Token ${staff}` },
        });
        const listed = list.status === 200 ? list.json().objects.map((one) => one.name) : [];
        const missing = good.filter((name) => listed.filter((other) => other === name).length !== 1);
        const unknown = listed.filter((name) => !good.includes(name) && !may.includes(name));
        if (missing.length || unknown.length)
          wrong.push(`user ${tenant.user}: tokens missing or double [${missing}], not known or revoked [${unknown}]`);
      }
      return wrong;
    },
  },
  'a revoked token is accepted nowhere 5 s later': {
    how:
      'the journal (token.revoke, person.revoke, person.renew, credential.delete, user.delete) ' +
      'and the line above it',
    prove: async () => {
      const wrong = world.accepted.map(
        (one) =>
          `${one.who}: ${one.door} took it ${one.seconds.toFixed(1)} s after its end was acknowledged ` +
          `(${new Date(one.seenAt).toISOString()})`,
      );
      for (const token of world.revoked.slice(-SHOWN))
        for (const door of doorsOf(token.doors))
          if ((await showAt(wire, door, token.key)).accepted)
            wrong.push(`${token.who}: ${door} takes it at the end of the run`);
      return wrong;
    },
  },
  'each person at identity is there once, with the last acknowledged values': {
    how: 'GET /identity/v2.0/users?name=',
    prove: async () => {
      const wrong = [];
      for (const person of world.people.filter((one) => one.state === 'there')) {
        const found = await wire.ask('GET', `/identity/v2.0/users/${person.id}`, {
          headers: { 'X-Auth-Token': admin },
        });
        const first = found.status === 200 ? found.json().user.first_name : undefined;
        if (first === undefined || !person.first.allows(first))
          wrong.push(`person ${person.id}: ${found.status} ${first}, acknowledged ${person.first}`);
      }
      const rows = await stack.query(
        'nefos_identity',
        `select username, count(*)::int n from account where username like $1 group by 1 having count(*) > 1`,
        [`chaos-${world.run}-%`],
      );
      return [...wrong, ...rows.map((row) => `${row.n} accounts ${row.username}`)];
    },
  },
});
