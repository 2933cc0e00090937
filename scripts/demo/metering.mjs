// @ts-check
// The demo at metering: what was done at compute is in the report, also after the client is gone.
import { bold, step, table } from '../lib/progress.mjs';
import { call, must, until } from './client.mjs';
import { cleanUp } from './compute.mjs';

const today = () => new Date().toISOString().slice(0, 10);

/**
 * Requests with the trusted header and the client's account number. The end user's own portal token leads to the same
 * usage.
 * @param {number} client
 */
const meteredAs = (client) => {
  const account = JSON.stringify({ identity: { account_number: String(client) } });
  const headers = { 'X-RH-IDENTITY': Buffer.from(account).toString('base64') };
  return async (/** @type {string} */ url) => (await call('GET', url, { headers })).json();
};

/** @param {import('./compute.mjs').Story} story */
export const showMetering = async ({ client, key, id, flavor }) => {
  console.log(bold('\nMetering'));
  const metered = meteredAs(client);
  await step('the client has one cloud account and one instance', async () => {
    await until('the facts arrive', async () => (await metered('/v2/instances/')).meta.count === 1);
    const [account] = (await metered('/v2/accounts/')).data;
    must(account.cloud_type === 'nefos', 'an account of our own cloud');
    return account.name;
  });
  const day = await step('its daily concurrency says what was done', async () => {
    const report = (await metered(`/v2/concurrent/?start_date=${today()}`)).data[0];
    must(report.instances === 1, `one instance at most at a time, not ${report.instances}`);
    must(report.vcpu === flavor.vcpus, `${flavor.vcpus} vCPU, not ${report.vcpu}`);
    must(report.memory === flavor.memory_gb, `${flavor.memory_gb} GiB, not ${report.memory}`);
    must(
      report.instances_list.length === 1 && report.instances_list[0].cloud_instance_id === id,
      'the instance that was made',
    );
    return report;
  });
  const url = `/v2/concurrent/?start_date=${day.date}`;
  await step('the end user reads the same with the portal token', async () => {
    const own = await call('GET', url, { headers: { Authorization: `Bearer ${key}` } });
    must(own.json().data[0].instances === 1, 'the same report');
  });
  await until('both power-ons are known', async () => {
    const since = encodeURIComponent(new Date().toISOString());
    return (await metered(`/v2/instances/?running_since=${since}`)).meta.count === 1;
  });
  const row = [day.date, day.instances, day.vcpu, day.memory, day.instances_list[0].cloud_instance_id];
  console.log(`\n${table([['date', 'instances', 'vCPU', 'memory GiB', 'instance'], row])}\n`);

  console.log(bold('Clean-up'));
  await step('the client goes, with everything it has, and its user', cleanUp);
  await step('the usage stays', async () => {
    must((await metered(url)).data[0].instances === 1, 'what was used is not forgotten');
  });
};
