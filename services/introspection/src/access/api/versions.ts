import { Fault } from '@nefos/service-kit';
import type { Request, Response } from 'express';

export const MINIMUM = 0;
export const MAXIMUM = 18;
const HEADER = 'x-openstack-ironic-inspector-api-version';
const FORM = /^\s*(\d{1,9})\s*\.\s*(\d{1,9})\s*$/;

/** The version that the request asks for by the general header; other services' entries do not count. */
const byGeneralHeader = (value: string | undefined): string | undefined =>
  value
    ?.split(',')
    .map((one) => one.trim().split(/\s+/))
    .find(([service]) => service?.toLowerCase() === 'baremetal-introspection')?.[1];
/** Every answer names the range (contract introspection §1.1). */
export const setVersionHeaders = (res: Response): void => {
  res.setHeader('X-OpenStack-Ironic-Inspector-API-Minimum-Version', `1.${MINIMUM}`);
  res.setHeader('X-OpenStack-Ironic-Inspector-API-Maximum-Version', `1.${MAXIMUM}`);
};
/** Whether the request names a version; without one it is answered in the newest. */
export const namesVersion = (req: Request): boolean =>
  req.headers[HEADER] !== undefined || byGeneralHeader(req.headers['openstack-api-version'] as string) !== undefined;
/**
 * The minor version in which the request wants its answer.
 * @throws Fault not_acceptable version; invalid version.malformed
 */
export const versionOf = (req: Request): number => {
  const own = req.headers[HEADER];
  const asked =
    own === undefined ? byGeneralHeader(req.headers['openstack-api-version'] as string | undefined) : String(own);
  if (asked === undefined || asked.trim().toLowerCase() === 'latest') return MAXIMUM;
  const [, major, minor] = FORM.exec(asked) ?? [];
  if (major === undefined || minor === undefined)
    throw new Fault('invalid', 'version.malformed', { asked: asked.slice(0, 100) });
  if (Number(major) !== 1 || Number(minor) > MAXIMUM)
    throw new Fault('not_acceptable', 'version', {
      asked: `${Number(major)}.${Number(minor)}`,
      minimum: '1.0',
      maximum: '1.18',
    });
  return Number(minor);
};
