/** Services by name, each with its address inside and how it says no. */
export type ServiceName = 'identity' | 'compute' | 'metering';

// The first prefix that fits decides (architecture §1). A prefix ends at a slash or at the end of the path.
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
  ['/api', 'compute'],
];
/** Not in this issue: later services own these, so nobody else answers under them. */
const RESERVED = ['/api/v0'];
const under = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');

/** Which service answers a path (without its query), or undefined. */
export const routeOf = (path: string): ServiceName | undefined => {
  if (RESERVED.some((prefix) => under(path, prefix))) return undefined;
  return ROUTES.find(([prefix]) => under(path, prefix))?.[1];
};
