import type { Fault } from '@nefos/service-kit';

/** The status of each kind of refusal, and the name that the guide gives it. */
export const STATUSES: Record<Fault['kind'], readonly [status: number, name: string]> = {
  invalid: [400, 'badRequest'],
  expectation: [417, 'badRequest'],
  unauthenticated: [401, 'unauthorized'],
  forbidden: [403, 'forbidden'],
  not_found: [404, 'itemNotFound'],
  method: [405, 'notAllowed'],
  not_acceptable: [400, 'badRequest'],
  media_type: [400, 'badRequest'],
  conflict: [409, 'conflict'],
  precondition: [412, 'preconditionFailed'],
  too_large: [413, 'requestEntityTooLarge'],
  too_many: [429, 'overLimit'],
  capacity: [413, 'overLimit'],
  upstream: [502, 'badGateway'],
  unavailable: [503, 'serviceUnavailable'],
  unsupported: [501, 'notImplemented'],
  internal: [500, 'internalServerError'],
};
