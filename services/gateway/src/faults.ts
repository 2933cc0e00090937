import { STATUS_CODES } from 'node:http';
import { faultKey } from '@nefos/contracts';
import type { ServiceName } from './routes.js';

/** Names of Astakos's fault object by status. */
const ASTAKOS: Record<number, string> = {
  400: 'badRequest',
  404: 'itemNotFound',
  405: 'notAllowed',
  408: 'badRequest',
  413: 'requestEntityTooLarge',
  414: 'badRequest',
  417: 'badRequest',
  500: 'internalServerError',
  502: 'serviceUnavailable',
  503: 'serviceUnavailable',
  504: 'serviceUnavailable',
};
/** Values of compute's X-Error-Code by status. */
const CODES: Record<number, string> = {
  400: 'parse_error',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'parse_error',
  413: 'parse_error',
  414: 'validation',
  417: 'validation',
  429: 'throttled',
  431: 'validation',
  500: 'internal',
  502: 'internal',
  503: 'driver_unavailable',
  504: 'driver_timeout',
};

/** The inspector names the range of versions on every answer (contract introspection §1.1). */
const INSPECTOR_VERSIONS = [
  'X-OpenStack-Ironic-Inspector-API-Minimum-Version',
  '1.0',
  'X-OpenStack-Ironic-Inspector-API-Maximum-Version',
  '1.18',
];
/** Refusals in the form of each of OpenStack's APIs, by the first segment of the path (contract compute §12). */
const OPENSTACK: Readonly<Record<string, (status: number, message: string) => object>> = {
  compute: (status, message) => ({ [faultKey(status)]: { code: status, message } }),
  volume: (status, message) => ({ [faultKey(status)]: { code: status, message } }),
  image: (status, message) => {
    const title = STATUS_CODES[status] ?? '';
    return { message, code: `${status} ${title}`, title };
  },
  network: (_status, message) => ({ NeutronError: { type: 'HTTPError', message, detail: '' } }),
};

/**
 * Body and headers of a refusal by the gateway, in the format of the service that the path belongs to. Paths of no
 * service get `{detail}`.
 */
export const faultBody = (
  service: ServiceName | undefined,
  path: string,
  status: number,
  message: string,
): { body: string; headers: string[] } => {
  if (service === 'identity') {
    const title = STATUS_CODES[status] ?? 'Error';
    const error = { code: status, title, message };
    const fault = { [ASTAKOS[status] ?? 'badRequest']: { code: status, message, details: '' } };
    const body = path.startsWith('/identity/v3')
      ? { error }
      : path.startsWith('/identity')
        ? { ...fault, error }
        : fault;
    return { body: JSON.stringify(body), headers: ['Content-Type', 'application/json; charset=UTF-8'] };
  }
  if (service === 'introspection') {
    const faultcode = status < 500 ? 'Client' : 'Server';
    const isRegistry = path.startsWith('/baremetal');
    const fault = isRegistry
      ? { error_message: JSON.stringify({ faultcode, faultstring: message, debuginfo: null }) }
      : { error: { message } };
    return {
      body: JSON.stringify(fault),
      headers: ['Content-Type', 'application/json', ...(isRegistry ? [] : INSPECTOR_VERSIONS)],
    };
  }
  const openstack = OPENSTACK[path.split('/', 2)[1] ?? ''];
  if (service === 'compute' && openstack)
    return { body: JSON.stringify(openstack(status, message)), headers: ['Content-Type', 'application/json'] };
  return {
    body: JSON.stringify({ detail: message }),
    headers: [
      'Content-Type',
      'application/json',
      ...(service === 'compute' ? ['X-Error-Code', CODES[status] ?? 'internal'] : []),
    ],
  };
};
