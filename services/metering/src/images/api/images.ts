import { metering, type BodyOf } from '@nefos/contracts';
import { endpointFor, isoZ } from '@nefos/service-kit';
import type { Request } from 'express';
import type { MeteringCtx } from '../../ctx.js';
import { isForm } from '../../dialect.js';
import { inspectionFacts, isCloudAccess, isMarketplace } from '../domain/image-facts.js';
import { challenge, imageOf, imagesOf, reinspect, type Image } from '../domain/images.js';
import { callerOf } from '../../access/domain/caller.js';
import { envelope, pageOf } from '../../access/api/page.js';

const endpoint = endpointFor<MeteringCtx>();

const content = (c: Image['content'], name: string | null) => {
  const times = { created_at: isoZ(c.createdAt), updated_at: isoZ(c.updatedAt) };
  if (c.cloud === 'nefos')
    return {
      nefos_image_id: c.id,
      created_at: times.created_at,
      image_uuid: c.uuid,
      os_distro: c.osDistro,
      updated_at: times.updated_at,
    };
  return {
    aws_image_id: c.id,
    created_at: times.created_at,
    ec2_ami_id: c.ec2AmiId,
    id: c.id,
    owner_aws_account_id: c.ownerAwsAccountId,
    platform: c.platform,
    region: c.region,
    updated_at: times.updated_at,
    is_cloud_access: isCloudAccess(name, c.ownerAwsAccountId),
    is_marketplace: isMarketplace(name, c.ownerAwsAccountId),
  };
};
const view = (m: Image) => {
  const { found } = inspectionFacts(m.inspectionJson);
  return {
    created_at: isoZ(m.createdAt),
    image_id: m.id,
    inspection_json: m.inspectionJson,
    is_encrypted: m.isEncrypted,
    name: m.name,
    openshift: m.openshiftDetected !== m.openshiftChallenged,
    openshift_challenged: m.openshiftChallenged,
    openshift_detected: m.openshiftDetected,
    rhel: m.rhelDetected !== m.rhelChallenged,
    rhel_challenged: m.rhelChallenged,
    rhel_detected: m.rhelDetected,
    rhel_enabled_repos_found: found.enabledRepos,
    rhel_product_certs_found: found.productCerts,
    rhel_release_files_found: found.releaseFiles,
    rhel_signed_packages_found: found.signedPackages,
    rhel_version: m.rhelVersion,
    status: m.status,
    syspurpose: m.syspurpose === null ? null : (JSON.parse(m.syspurpose) as unknown),
    updated_at: isoZ(m.updatedAt),
    cloud_type: m.content.cloud,
    content_object: content(m.content, m.name),
  };
};
type Flags = BodyOf<typeof metering.patchMachineImage>;
const flags = (body: Flags) => ({
  rhel: body.rhel_challenged,
  openshift: body.openshift_challenged,
  cloudType: body.cloud_type,
});
/** A form that replaces the image unticks what it leaves out. */
const replaced = (req: Request, body: Flags): Flags =>
  isForm(req)
    ? {
        ...body,
        rhel_challenged: body.rhel_challenged ?? false,
        openshift_challenged: body.openshift_challenged ?? false,
      }
    : body;

export const imageEndpoints = [
  endpoint(metering.listMachineImages, async (ctx, { query, req }) => {
    const page = pageOf(query);
    return envelope(req, page, await imagesOf(ctx, callerOf(ctx), query.user_id, page), view);
  }),
  endpoint(metering.getMachineImage, async (ctx, { params, query }) =>
    view(await imageOf(ctx, callerOf(ctx), params.id, query.user_id)),
  ),
  endpoint(metering.putMachineImage, async (ctx, { params, query, body, req }) =>
    view(await challenge(ctx, callerOf(ctx), params.id, query.user_id, flags(replaced(req, body)))),
  ),
  endpoint(metering.patchMachineImage, async (ctx, { params, query, body }) =>
    view(await challenge(ctx, callerOf(ctx), params.id, query.user_id, flags(body))),
  ),
  endpoint(metering.reinspectMachineImage, async (ctx, { params, query }) =>
    view(await reinspect(ctx, callerOf(ctx), params.id, query.user_id)),
  ),
];
