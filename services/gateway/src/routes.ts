import { compute, dropTrailing, facadeImage, introspection } from '@nefos/contracts';

/** The services behind the gateway. */
export type ServiceName = 'identity' | 'compute' | 'metering' | 'introspection';

// The first matching prefix decides (docs/architecture.md). A prefix ends at a slash or at the end of the path.
const ROUTES: readonly (readonly [prefix: string, service: ServiceName])[] = [
  ['/identity', 'identity'],
  ['/account', 'identity'],
  ['/ui', 'identity'],
  ['/weblogin', 'identity'],
  ['/login', 'identity'],
  ['/oauth2', 'identity'],
  ['/feedback', 'identity'],
  ['/user_catalogs', 'identity'],
  ['/service/api', 'identity'],
  ['/v2', 'metering'],
  ['/api/v2', 'metering'],
  ['/api/cloudigrade/v2', 'metering'],
  ['/staffapi', 'compute'],
  ['/backend', 'compute'],
  ['/console', 'compute'],
  ['/api', 'compute'],
  ['/compute', 'compute'],
  ['/image', 'compute'],
  ['/network', 'compute'],
  ['/volume', 'compute'],
  ['/v1', 'introspection'],
  ['/baremetal', 'introspection'],
];
/** Paths of services that do not exist yet. Without this, compute's /api would answer them. */
const RESERVED = ['/api/v0'];
const under = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');

/** The service that answers a path (without its query); undefined for the gateway's own paths and unknown ones. */
export const routeOf = (path: string): ServiceName | undefined => {
  if (RESERVED.some((prefix) => under(path, prefix))) return undefined;
  return ROUTES.find(([prefix]) => under(path, prefix))?.[1];
};

const patternOf = (path: string): RegExp => new RegExp(`^(?:/backend)?${path.replace(/:\w+/g, '[^/]+')}$`);
/** Requests whose body is data of any size, which their service limits: declared with `upload` in the contracts. */
const UPLOADS = [...compute.UPLOADS, ...facadeImage.UPLOADS].map(({ method, path }) => ({
  method: method.toUpperCase(),
  path: patternOf(path),
}));
export const isUpload = (method: string, path: string): boolean =>
  UPLOADS.some((one) => one.method === method && one.path.test(dropTrailing(path, '/')));

const REPORTS = introspection.REPORTS.map(({ method, path }) => ({
  method: method.toUpperCase(),
  path: patternOf(path),
}));
/** Bytes of a request body that the gateway hands on: reports of machines have a limit of their own. */
export const bodyLimitOf = (method: string, path: string, usual: number): number => {
  const plain = dropTrailing(path, '/');
  return REPORTS.some((one) => one.method === method && one.path.test(plain))
    ? Math.max(usual, introspection.REPORT_BYTES)
    : usual;
};

const SOCKETS = compute.SOCKETS.map(({ path }) => patternOf(path));
/** Whether a path takes WebSockets. Elsewhere an offer of one is ignored. */
export const isSocket = (path: string): boolean => SOCKETS.some((one) => one.test(dropTrailing(path, '/')));
