import { Fault } from '@nefos/service-kit';
import type { Request, Response } from 'express';

// Microversions of the Bare Metal API (contract introspection §11.1).
const MINIMUM = 1;
export const REGISTRY_MAXIMUM = 96;
const RANGE = { minimum: `1.${MINIMUM}`, maximum: `1.${REGISTRY_MAXIMUM}` };
const HEADER = 'x-openstack-ironic-api-version';
const FORM = /^\s*(\d{1,9})\.(\d{1,9})\s*$/;

const asked = (req: Request): string | undefined => {
  const own = req.headers[HEADER];
  if (own !== undefined) return String(own);
  return req.headers['openstack-api-version']
    ?.toString()
    .split(',')
    .map((one) => one.trim().split(/\s+/))
    .find(([service]) => service?.toLowerCase() === 'baremetal')?.[1];
};
/**
 * The minor version in which the request wants its answer; without one the oldest.
 * @throws Fault not_acceptable version.range, version.header
 */
export const registryVersion = (req: Request): number => {
  const text = asked(req);
  if (text === undefined) return MINIMUM;
  if (text.trim().toLowerCase() === 'latest') return REGISTRY_MAXIMUM;
  const [, major, minor] = FORM.exec(text) ?? [];
  if (major === undefined || minor === undefined) throw new Fault('not_acceptable', 'version.header');
  if (Number(major) !== 1 || Number(minor) < MINIMUM || Number(minor) > REGISTRY_MAXIMUM)
    throw new Fault('not_acceptable', 'version.range', { asked: `${Number(major)}.${Number(minor)}`, ...RANGE });
  return Number(minor);
};
/** Whether the request names a version. */
export const namesRegistryVersion = (req: Request): boolean => asked(req) !== undefined;
const WITHOUT_VERSION = /^\/baremetal\/?(?:\?|$)/;
/**
 * Sets what every answer of the registry says, also refusals: its id, the range of versions and the one used.
 * @throws Fault not_acceptable, unless the request is for the list of versions
 */
export const setRegistryHeaders = (req: Request, res: Response, requestId: string): void => {
  res.setHeader('Openstack-Request-Id', requestId.startsWith('req-') ? requestId : `req-${requestId}`);
  res.setHeader('X-OpenStack-Ironic-API-Minimum-Version', RANGE.minimum);
  res.setHeader('X-OpenStack-Ironic-API-Maximum-Version', RANGE.maximum);
  if (WITHOUT_VERSION.test(req.url)) return;
  const version = `1.${registryVersion(req)}`;
  res.setHeader('X-OpenStack-Ironic-API-Version', version);
  res.setHeader('OpenStack-API-Version', `baremetal ${version}`);
  res.setHeader('Vary', 'X-OpenStack-Ironic-API-Version, OpenStack-API-Version');
};
