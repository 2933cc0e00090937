// @ts-check
// openstacksdk's own functional tests of machines and ports, unmodified, and flows of its introspection proxy.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../lib/prepare.mjs';
import { bold } from '../../lib/progress.mjs';
import { runNotes, runPythonTests } from './python-tests.mjs';

const OF = 'openstack.tests.functional.baremetal.v1';
const MODULES = ['test_driver', 'test_node', 'test_port', 'test_inspection_rules'].map((name) => `${OF}.${name}`);
/** Tests of resources of the original that Nefos does not have (contract introspection §11). */
const ABSENT = {
  'TestBareMetalNode.test_node_validate': 'it wants the interface deploy, which there is not',
  'TestBareMetalDriverDetails.test_fake_hardware_get': 'it wants the interface deploy, which there is not',
  'TestBareMetalDriverDetails.test_fake_hardware_list_details': 'it wants the interface deploy, which there is not',
  'TestBareMetalNodeListFirmware.test_list_firmware': 'firmware is not kept',
  'TestBareMetalVif.test_node_vif_attach_detach': 'networks are not attached to machines',
  'TestBareMetalVirtualMedia.test_node_vmedia_attach_detach': 'virtual media are not attached by users',
};

/**
 * @param {import('./world.mjs').World} world
 * @param {{ python: string, dir: string, sample: string }} site
 * @param {import('../reporter.mjs').Reporter} reporter
 */
export const trySdk = async ({ gateway, credentials, envs }, { python, dir, sample }, reporter) => {
  console.log(bold('\nopenstacksdk'));
  const here = path.join(root, 'scripts/interop/baremetal');
  await runNotes(python, [path.join(here, 'sdk.py'), sample], { env: envs.user }, reporter);
  console.log(bold('\nfunctional tests of openstacksdk'));
  const { admin, user } = credentials.identity;
  const cloud = (/** @type {typeof admin} */ { email, password, uuid }) => ({
    auth: { auth_url: `${gateway}/identity`, username: email, password, project_id: uuid, user_domain_name: 'Default' },
    identity_api_version: '3',
    // The tests pick a flavor and an image of a cloud that has these; they use neither.
    has_compute: false,
    has_image: false,
    baremetal_api_version: '1',
    baremetal_introspection_api_version: '1',
  });
  // Names of the clouds for which the tests ask.
  const clouds = {
    'devstack-admin': cloud(admin),
    'devstack-system-admin': cloud(admin),
    devstack: cloud(user),
    'devstack-alt': cloud(user),
  };
  // JSON is YAML.
  writeFileSync(path.join(dir, 'clouds.yaml'), JSON.stringify({ clouds }));
  const env = { ...envs.user };
  for (const name of Object.keys(env)) if (name.startsWith('OS_')) delete env[name];
  // The time is that of the tests' own set-up: a refusal by 409 is tried again for some seconds.
  await runPythonTests(
    python,
    MODULES,
    { cwd: dir, env: { ...env, OS_TEST_TIMEOUT: '60', OS_CLIENT_CONFIG_FILE: path.join(dir, 'clouds.yaml') } },
    reporter,
    ABSENT,
  );
};
