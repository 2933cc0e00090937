#!/usr/bin/env node
// npm run demo: the control plane's main job, told over public HTTP only. Exits != 0 on any mismatch.
//   NEFOS_DEMO_CREDENTIALS=file   other credentials than .nefos/credentials.json
import './lib/check-node.cjs';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { argsOrExit } from './lib/options.mjs';
import { stateDir } from './lib/state.mjs';
import { bold, dim, red, step, table, Trouble } from './lib/progress.mjs';

argsOrExit(`npm run demo

The control plane's main job, told over public HTTP only, against the Nefos that runs. No options.
NEFOS_DEMO_CREDENTIALS=<file>: other credentials than .nefos/credentials.json`);
const file = process.env.NEFOS_DEMO_CREDENTIALS || path.join(stateDir(process.env), 'credentials.json');
let credentials;
try {
  credentials = JSON.parse(readFileSync(file, 'utf8'));
} catch (err) {
  const why = err.code ?? err.message;
  console.error(
    red(
      err.code === 'ENOENT' ? `no credentials in ${file}: run \`npm start\` first` : `${file} can not be read (${why})`,
    ),
  );
  process.exit(1);
}
const { gateway, identity, compute } = credentials;

const call = async (method, url, { headers = {}, json, expect = 200 } = {}) => {
  const res = await fetch(gateway + url, {
    method,
    headers: { ...(json && { 'Content-Type': 'application/json' }), ...headers },
    ...(json && { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(20_000),
  }).catch((err) => {
    throw new Trouble(
      `${method} ${url}: ${gateway} does not answer (${err.cause?.code ?? err.message}); is \`npm start\` running?`,
    );
  });
  const text = await res.text();
  if (res.status !== expect)
    throw new Trouble(`${method} ${url}: status ${res.status}, expected ${expect}: ${text.slice(0, 300)}`);
  return { text, headers: res.headers, json: () => JSON.parse(text) };
};
const must = (fact, what) => {
  if (!fact) throw new Trouble(`mismatch: ${what}`);
};
const staff = (method, url, options = {}) =>
  call(method, `/staffapi${url}`, { ...options, headers: { Authorization: `Token ${compute.staff.token}` } });
const until = async (what, look, seconds = 30) => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(150)) {
    const found = await look();
    if (found) return found;
  }
  throw new Trouble(`${what}: not within ${seconds} s`);
};
const today = () => new Date().toISOString().slice(0, 10);

/** What the story is about; @throws Trouble when the installation does not have it: nothing is changed then. */
const look = async () => {
  if (/<title>Terms of use of \d{4}-/.test((await call('GET', '/ui/approval_terms')).text))
    throw new Trouble(
      'terms of use are in force: the end user that the demo makes would have to sign them first ' +
        '(`npm run nefos -- terms sign ...` does so for a user that is there). The demo is for an installation without terms; nothing was changed',
    );
  const lists = await Promise.all(
    ['regions', 'flavors', 'images', 'networks'].map(async (what) => [
      what,
      (await staff('GET', `/openstack/${what}?page_size=500`)).json().objects,
    ]),
  );
  const empty = lists.filter(([, list]) => !list.length).map(([what]) => what);
  const usable = lists[0][1].filter((one) => one.enabled);
  const [flavor, image, network] = lists
    .slice(1)
    .map(([, list]) => list.filter((one) => usable.some(({ id }) => id === one.region)));
  const region = usable.find(({ id }) =>
    [flavor, image, network].every((list) => list.some((one) => one.region === id)),
  );
  if (empty.length || !region)
    throw new Trouble(
      `this installation has ${empty.length ? `no ${empty.join(', ')}` : 'no enabled region with a flavor, an image and a network'}; ` +
        'nothing was changed. The demo needs those of the fixture: npm start -- --fixture demo, with an empty state directory',
    );
  return [flavor, image, network].map((list) => list.find((one) => one.region === region.id));
};
/** What the story makes, to be taken away at its end, also when it ends too soon. */
const made = {};
const cleanUp = async () => {
  if (made.client) {
    await staff('DELETE', `/clients/${made.client}?delete_cloud_resources=true`, { expect: 204 });
    await until(
      'the client is gone',
      async () => (await staff('GET', `/clients?filtering=id:${made.client}`)).json().totalCount === 0,
    );
  }
  if (made.user) await staff('DELETE', `/users/${made.user}`, { expect: 204 });
};

const story = async () => {
  const [flavor, image, network] = await look();
  const { user, admin } = identity;
  const who = user ?? admin;
  console.log(bold('\nIdentity'));
  await step('a token is good, and brings the catalog as JSON', async () => {
    const { access } = (
      await call('POST', '/identity/v2.0/tokens/', { json: { auth: { token: { id: who.token } } } })
    ).json();
    must(access.token.id === who.token && access.user.id === who.uuid, 'the answer is about the token that was shown');
    must(
      access.serviceCatalog.some(
        (s) => s.type === 'identity' && s.endpoints[0]?.publicURL === `${gateway}/identity/v2.0`,
      ),
      'the catalog leads to this identity service',
    );
    return `${access.user.name}, ${access.serviceCatalog.length} services`;
  });
  await step('the same as XML', async () => {
    const { text, headers } = await call('POST', '/identity/v2.0/tokens/', {
      json: { auth: { token: { id: who.token } } },
      headers: { Accept: 'application/xml' },
    });
    must(
      headers.get('content-type').startsWith('application/xml') &&
        text.startsWith('<?xml') &&
        text.includes(`<user id="${who.uuid}"`),
      'an XML document about the same user',
    );
    return `${text.length} bytes`;
  });

  console.log(bold('\nCompute'));
  const username = `demo-${Date.now().toString(36)}`;
  const form = {
    first_name: 'Jane',
    last_name: 'Doe',
    email: 'jane@doe.com',
    address1: '99 Elm St.',
    city: 'New York',
    state: 'NY',
    country: 'US',
    zip_code: '1000',
    phone: '9999999',
    currency: 'EUR',
    create_auto_order_service: true,
    user: {
      username,
      email: `${username}@example.com`,
      email_verified: true,
      first_name: 'Jane',
      last_name: 'Doe',
      password: `${username}-long-enough`,
      external_billing_id: username,
    },
  };
  let client;
  let key;
  await step('staff makes a client with an end user', async () => {
    client = (await staff('POST', '/clients', { json: form, expect: 201 })).json();
    made.client = client.id;
    made.user = (await staff('GET', `/users?external_billing_id=${username}`)).json().objects[0].id;
    return `client ${client.id}`;
  });
  await step('the end user gets a token', async () => {
    key = (await staff('POST', `/users/${made.user}/tokens`, { json: { name: 'demo' }, expect: 201 })).json().key;
    must(/^[0-9a-f]{40}$/.test(key), 'a token of 40 hex digits');
    return username;
  });
  let id;
  const times = {};
  const find = async () =>
    (await staff('GET', `/openstack/instances?filtering=project__service__client__id:${client.id}`)).json().objects[0];
  const settled = (status) =>
    until(`instance ${id} is ${status}`, async () => {
      const one = await find();
      return one?.status === status && one.display_task === null && one;
    });
  await step('staff makes an instance for the client', async () => {
    id = (
      await staff('POST', '/openstack/instances', {
        expect: 201,
        json: {
          region: flavor.region,
          share_image: false,
          nics: [network.id],
          client: client.id,
          name: 'newinstance',
          flavor: flavor.id,
          boot_source: {
            source_type: 'image',
            source_id: image.id,
            delete_on_termination: false,
            create_new_volume: false,
            volume_type: '',
          },
        },
      })
    ).json().id;
    return id;
  });
  await step('it runs', async () => {
    const one = await settled('active');
    times.on = Date.now();
    return `${one.access_ip} on ${one.host_name}`;
  });
  await step('it is stopped', async () => {
    must(
      (await staff('POST', `/openstack/instances/${id}/stop`)).json().detail === 'Instance is stopping',
      'the documented words',
    );
    await settled('stopped');
  });
  await step('it is started again', async () => {
    must(
      (await staff('POST', `/openstack/instances/${id}/start`)).json().detail === 'Instance is starting',
      'the documented words',
    );
    await settled('active');
  });
  const own = (url, options = {}) => call('GET', url, { ...options, headers: { Authorization: `Token ${key}` } });
  await step('the end user lists it', async () => {
    const { objects, totalCount } = (await own('/api/openstack/instances')).json();
    must(
      totalCount === 1 && objects[0].id === id && objects[0].host_name === null,
      'exactly the own instance, without its host',
    );
    return objects[0].display_status;
  });

  console.log(bold('\nMetering'));
  // The end user's own portal token, or the trusted header with the client's account number: both lead to the same usage.
  const metered = (url) =>
    call('GET', url, {
      headers: {
        'X-RH-IDENTITY': Buffer.from(JSON.stringify({ identity: { account_number: String(client.id) } })).toString(
          'base64',
        ),
      },
    });
  const bearer = (url) => call('GET', url, { headers: { Authorization: `Bearer ${key}` } });
  await step('the client has one cloud account and one instance', async () => {
    await until('the facts arrive', async () => (await metered('/v2/instances/')).json().meta.count === 1);
    const {
      data: [account],
    } = (await metered('/v2/accounts/')).json();
    must(account.cloud_type === 'nefos', 'an account of our own cloud');
    return account.name;
  });
  const day = await step('its daily concurrency says what was done', async () => {
    const report = (await metered(`/v2/concurrent/?start_date=${today()}`)).json().data[0];
    must(report.instances === 1, `one instance at most at a time, not ${report.instances}`);
    must(report.vcpu === flavor.vcpus, `${flavor.vcpus} vCPU, not ${report.vcpu}`);
    must(report.memory === flavor.memory_gb, `${flavor.memory_gb} GiB, not ${report.memory}`);
    must(
      report.instances_list.length === 1 && report.instances_list[0].cloud_instance_id === id,
      'the instance that was made',
    );
    return report;
  });
  await step('the end user reads the same with the portal token', async () => {
    must((await bearer(`/v2/concurrent/?start_date=${day.date}`)).json().data[0].instances === 1, 'the same report');
  });
  const delivered = await until(
    'both power-ons are known',
    async () =>
      (await metered(`/v2/instances/?running_since=${encodeURIComponent(new Date().toISOString())}`)).json().meta
        .count === 1 && true,
  );
  must(delivered, 'the instance runs');
  console.log(
    `\n${table([
      ['date', 'instances', 'vCPU', 'memory GiB', 'instance'],
      [day.date, day.instances, day.vcpu, day.memory, day.instances_list[0].cloud_instance_id],
    ])}\n`,
  );

  console.log(bold('Clean-up'));
  await step('the client goes, with everything it has, and its user', async () => {
    await cleanUp();
    delete made.client;
    delete made.user;
  });
  await step('the usage stays', async () => {
    must(
      (await metered(`/v2/concurrent/?start_date=${day.date}`)).json().data[0].instances === 1,
      'what was used is not forgotten',
    );
  });
  console.log(`\n${bold('All of it was as promised.')} ${dim(`${gateway}`)}`);
};

const trouble = (err) => red(err instanceof Trouble ? err.message : err.stack);
story().catch(async (err) => {
  console.error(`\n${trouble(err)}`);
  await cleanUp().catch((failure) =>
    console.error(`client ${made.client} and its user are left behind: ${trouble(failure)}`),
  );
  process.exit(1);
});
