import type { Fault } from '@nefos/service-kit';
import type { Request, Response } from 'express';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault } from './refused.js';

/** Which microversions an API offers: `major.min` to `major.max`. */
export interface Microversions {
  /** The name in `OpenStack-API-Version: compute 2.53`. */
  service: string;
  /** An older header with the version alone. */
  legacyHeader?: string;
  major: number;
  min: number;
  max: number;
}

const FORM = /^(\d{1,4})\.(\d{1,4})$/;
/** What the request asks for; undefined: nothing. A list may name several services. */
const askedOf = (req: Request, { service, legacyHeader }: Microversions): string | undefined => {
  const sent = req.get('openstack-api-version');
  for (const one of sent?.split(',') ?? []) {
    const [name, version] = one.trim().split(/\s+/);
    if (name === service && version !== undefined) return version;
  }
  return legacyHeader === undefined ? undefined : req.get(legacyHeader)?.trim();
};

/**
 * Reads the microversion of a request into `ctx.microversion` (its minor part) and says it in the answer.
 * @throws Fault invalid: not of the form; not_acceptable: not offered (contract compute §12.2)
 */
export const negotiateMicroversion = (
  req: Request,
  res: Response,
  ctx: ComputeRequest,
  offered: Microversions,
): void => {
  const { service, legacyHeader, major, min, max } = offered;
  const headers = legacyHeader === undefined ? 'OpenStack-API-Version' : `OpenStack-API-Version, ${legacyHeader}`;
  const say = (minor: number): void => {
    res.setHeader('OpenStack-API-Version', `${service} ${major}.${minor}`);
    if (legacyHeader !== undefined) res.setHeader(legacyHeader, `${major}.${minor}`);
    res.setHeader('Vary', headers);
  };
  const asked = askedOf(req, offered);
  if (asked === undefined) {
    ctx.microversion = min;
    say(min);
    return;
  }
  const refused = (kind: 'invalid' | 'not_acceptable', message: string): Fault => {
    say(min);
    return faceFault(kind, message);
  };
  const [, wanted, minor] = asked === 'latest' ? ['', String(major), String(max)] : (FORM.exec(asked) ?? []);
  if (wanted === undefined || minor === undefined)
    throw refused(
      'invalid',
      `API Version String ${asked.slice(0, 50)} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  if (Number(wanted) !== major || Number(minor) < min || Number(minor) > max)
    throw refused(
      'not_acceptable',
      `Version ${asked} is not supported by the API. Minimum is ${major}.${min} and maximum is ${major}.${max}.`,
    );
  ctx.microversion = Number(minor);
  say(ctx.microversion);
};
/** Whether the request asks for this microversion or a later one. */
export const since = (ctx: ComputeRequest, minor: number): boolean => (ctx.microversion ?? 0) >= minor;
