import type { Example } from '../document.js';
import { CUSTOMER_POLICY } from './sysconfig.js';

const account = {
  account_id: 3,
  created_at: '2019-07-18T19:17:08.805791Z',
  name: 'yet another account',
  updated_at: '2019-07-18T19:17:08.805808Z',
  user_id: 2,
  content_object: {
    account_arn: 'arn:aws:iam::413590449778:role/role-for-cloudigrade',
    aws_account_id: '413590449778',
    aws_cloud_account_id: 3,
    created_at: '2019-07-18T19:17:08.801482Z',
    updated_at: '2019-07-18T19:17:08.801508Z',
  },
  cloud_type: 'aws',
};
const instance = {
  cloud_account_id: 2,
  created_at: '2019-07-18T19:17:08.659722Z',
  instance_id: 2,
  machine_image_id: 2,
  updated_at: '2019-07-18T19:17:08.659737Z',
  cloud_type: 'aws',
  content_object: {
    aws_instance_id: 2,
    created_at: '2019-07-18T19:17:08.658481Z',
    ec2_instance_id: 'i-42fcde4ccf09f4b64',
    region: 'us-east-1',
    updated_at: '2019-07-18T19:17:08.658495Z',
  },
};
const image = {
  created_at: '2019-07-18T19:17:08.657277Z',
  image_id: 2,
  inspection_json:
    '{"rhel_enabled_repos_found": true, "rhel_version": "7.7", "syspurpose": {' +
    '"role": "Red Hat Enterprise Linux Server", "service_level_agreement": "Premium", ' +
    '"usage": "Development/Test"}}',
  is_encrypted: false,
  name: null,
  openshift: true,
  openshift_challenged: true,
  openshift_detected: false,
  rhel: true,
  rhel_challenged: false,
  rhel_detected: true,
  rhel_enabled_repos_found: true,
  rhel_product_certs_found: false,
  rhel_release_files_found: false,
  rhel_signed_packages_found: false,
  rhel_version: '7.7',
  status: 'inspected',
  syspurpose: {
    role: 'Red Hat Enterprise Linux Server',
    service_level_agreement: 'Premium',
    usage: 'Development/Test',
  },
  updated_at: '2019-07-18T19:17:08.751601Z',
  cloud_type: 'aws',
  content_object: {
    aws_image_id: 2,
    created_at: '2019-07-18T19:17:08.655170Z',
    ec2_ami_id: 'ami-fce68fe0',
    id: 2,
    owner_aws_account_id: '736266527014',
    platform: 'none',
    region: null,
    updated_at: '2019-07-18T19:17:08.655188Z',
    is_cloud_access: false,
    is_marketplace: false,
  },
};
/** A list cut to its first entry. */
const pageOf = (entry: object, link: string): object => ({
  meta: { count: 1 },
  links: { first: link, next: null, previous: null, last: link },
  data: [entry],
});

/** Exchanges of the seed document, which services/metering/test/contract replays. */
export const METERING_EXAMPLES: Readonly<Record<string, Example>> = {
  'POST /v2/accounts/': {
    body: {
      account_arn: 'arn:aws:iam::413590449778:role/role-for-cloudigrade',
      name: 'yet another account',
      cloud_type: 'aws',
    },
    response: account,
  },
  'GET /v2/accounts/': { response: pageOf(account, '/api/cloudigrade/v2/accounts/?limit=10&offset=0') },
  'GET /v2/accounts/:id/': { response: account },
  'PATCH /v2/accounts/:id/': {
    body: { name: 'name updated using PATCH' },
    response: { ...account, name: 'name updated using PATCH', updated_at: '2019-07-18T19:17:08.870473Z' },
  },
  'PUT /v2/accounts/:id/': {
    body: {
      name: 'name updated using PUT',
      account_arn: 'arn:aws:iam::413590449778:role/role-for-cloudigrade',
      cloud_type: 'aws',
    },
    response: {
      ...account,
      name: 'name updated using PUT',
      updated_at: '2019-07-18T19:17:08.888201Z',
      account_arn: 'arn:aws:iam::413590449778:role/role-for-cloudigrade',
    },
  },
  'GET /v2/instances/': { response: pageOf(instance, '/api/cloudigrade/v2/instances/?limit=10&offset=0') },
  'GET /v2/instances/:id/': { response: instance },
  'GET /v2/images/': { response: pageOf(image, '/api/cloudigrade/v2/images/?limit=10&offset=0') },
  'GET /v2/images/:id/': { response: image },
  'POST /v2/images/:id/reinspect/': {
    response: { ...image, status: 'pending', updated_at: '2019-07-18T19:17:09.109471Z' },
  },
  'PATCH /v2/images/:id/': {
    body: { rhel_challenged: true },
    response: {
      ...image,
      rhel: false,
      rhel_challenged: true,
      status: 'pending',
      updated_at: '2019-07-18T19:17:09.136411Z',
    },
  },
  'GET /v2/concurrent/': {
    response: pageOf(
      {
        date: '2019-07-11',
        instances: 1,
        instances_list: [
          {
            cloud_type: 'aws',
            cloud_instance_id: 'i-cb1ab150f753b7379',
            rhel_version: '7.7',
            syspurpose: {
              role: 'Red Hat Enterprise Linux Server',
              service_level_agreement: 'Premium',
              usage: 'Development/Test',
            },
          },
        ],
        vcpu: 96,
        memory: 384,
      },
      '/api/cloudigrade/v2/concurrent/?limit=10&offset=0&start_date=2019-07-11',
    ),
  },
  'GET /v2/sysconfig/': {
    response: {
      aws_account_id: 128765022890,
      aws_policies: { traditional_inspection: CUSTOMER_POLICY },
      version: '489-cloudigrade-version - d2b30c637ce3788e22990b21434bac2edcfb7ede',
    },
  },
};
