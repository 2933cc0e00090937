import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { BODIES, CLOUDS, cloudType, idParams, page, pageQuery, timestamp, userIdParameter } from './page.js';

const contract = contractIn('images');

const awsContent = z.object({
  aws_image_id: z.int(),
  created_at: timestamp,
  ec2_ami_id: z.string(),
  id: z.int(),
  owner_aws_account_id: z.string().nullable(),
  platform: z.string(),
  region: z.string().nullable(),
  updated_at: timestamp,
  is_cloud_access: z.boolean(),
  is_marketplace: z.boolean(),
});
const nefosContent = z.object({
  nefos_image_id: z.int(),
  created_at: timestamp,
  image_uuid: z.string(),
  os_distro: z.string().nullable(),
  updated_at: timestamp,
});
export const IMAGE_STATES = ['pending', 'preparing', 'inspecting', 'inspected', 'error', 'unavailable'] as const;
export const machineImage = z
  .object({
    created_at: timestamp,
    image_id: z.int(),
    inspection_json: z.string().nullable(),
    is_encrypted: z.boolean(),
    name: z.string().nullable(),
    openshift: z.boolean(),
    openshift_challenged: z.boolean(),
    openshift_detected: z.boolean(),
    rhel: z.boolean(),
    rhel_challenged: z.boolean(),
    rhel_detected: z.boolean(),
    rhel_enabled_repos_found: z.boolean(),
    rhel_product_certs_found: z.boolean(),
    rhel_release_files_found: z.boolean(),
    rhel_signed_packages_found: z.boolean(),
    rhel_version: z.string().nullable(),
    status: z.enum(IMAGE_STATES),
    syspurpose: z.unknown(),
    updated_at: timestamp,
    cloud_type: cloudType,
    content_object: z.union([awsContent, nefosContent]),
  })
  .meta({ id: 'MachineImage' });

const challenge = drf.boolean({ required: false });
const body = drf.dict({
  rhel_challenged: challenge,
  openshift_challenged: challenge,
  cloud_type: drf.choice(CLOUDS, { required: false }),
});
const common = { access: 'identity-header', source: 'contract metering §7' } as const;
const query = z.looseObject({ user_id: userIdParameter });

export const listMachineImages = contract({
  ...common,
  method: 'get',
  path: '/v2/images/',
  status: 200,
  summary: "List images used by one's instances",
  description: 'Lists the images that the instances of the caller use; all images for a superuser.',
  query: query.extend(pageQuery),
  response: page(machineImage),
});
export const getMachineImage = contract({
  ...common,
  method: 'get',
  path: '/v2/images/:id/',
  status: 200,
  summary: 'An image',
  description: 'Answers one image that the caller may see, with what its inspection found.',
  params: idParams,
  query,
  response: machineImage,
});
export const putMachineImage = contract({
  ...common,
  method: 'put',
  path: '/v2/images/:id/',
  status: 200,
  summary: "Challenge an image's detection",
  description:
    'Sets or takes back a challenge: the claim that the detection of RHEL or OpenShift is wrong. In a form, an ' +
    'absent field means false.',
  consumes: BODIES,
  params: idParams,
  query,
  body,
  response: machineImage,
});
export const patchMachineImage = contract({
  ...common,
  method: 'patch',
  path: '/v2/images/:id/',
  status: 200,
  summary: "Challenge an image's detection",
  description:
    'Sets or takes back a challenge: the claim that the detection of RHEL or OpenShift is wrong. Absent fields ' +
    'stay.',
  consumes: BODIES,
  params: idParams,
  query,
  body,
  response: machineImage,
});
export const reinspectMachineImage = contract({
  ...common,
  method: 'post',
  path: '/v2/images/:id/reinspect/',
  status: 200,
  summary: 'Inspect an image again; superusers only',
  description: 'Sets an image to be inspected again and answers it. Superusers only; others get 403.',
  params: idParams,
  query,
  response: machineImage,
});
