import type { Call, CallOptions, Caller } from './call.js';

/** A node of the registry (contract introspection §11.2), with all its fields in the newest version. */
export interface RegistryNode {
  uuid: string;
  name: string | null;
  driver: string;
  /** Secrets are shown as asterisks. */
  driver_info: Record<string, unknown>;
  properties: Record<string, unknown>;
  extra: Record<string, unknown>;
  provision_state: string;
  power_state: string | null;
  maintenance: boolean;
  last_error: string | null;
  traits: string[];
  [field: string]: unknown;
}
export interface RegistryPort {
  uuid: string;
  address: string;
  node_uuid: string;
  pxe_enabled: boolean;
  [field: string]: unknown;
}
/** JSON patch (RFC 6902), as the registry takes it. */
export type NodePatch = { op: 'add' | 'replace' | 'remove'; path: string; value?: unknown }[];
export type ProvisionVerb = 'manage' | 'provide' | 'inspect' | 'abort';
export type PowerTarget = 'power on' | 'power off' | 'rebooting' | 'soft power off' | 'soft rebooting';
export interface BootDevice {
  boot_device: string | null;
  persistent: boolean | null;
}
type Query = Readonly<Record<string, string | number | boolean>>;

const VERSION = { 'X-OpenStack-Ironic-API-Version': '1.96' };
const NODES = '/baremetal/v1/nodes';
const NODE = `${NODES}/:node`;
const PORTS = '/baremetal/v1/ports';

/** The functions of the registry: nodes, ports, drivers. `node` is a UUID or a name. */
export const registryCalls = (wire: Caller) => {
  const call = async <T>(method: Call['method'], path: string, more: Omit<Call, 'method' | 'path'> = {}): Promise<T> =>
    (await wire<T>({ method, path, headers: VERSION, ...more })).body;
  const read =
    <T>(path: string) =>
    (node: string, more: CallOptions = {}): Promise<T> =>
      call('get', path, { params: { node }, ...more });
  const write = async (method: 'put' | 'delete', path: string, more: Omit<Call, 'method' | 'path'>): Promise<void> => {
    await call(method, path, more);
  };
  const page = { limit: 1000 };
  return {
    nodes: {
      /** One page, of all fields; `marker` is the UUID of the last node of the page before. */
      list: async (query: Query = {}, more: CallOptions = {}): Promise<RegistryNode[]> =>
        (await call<{ nodes: RegistryNode[] }>('get', `${NODES}/detail`, { query: { ...page, ...query }, ...more }))
          .nodes,
      get: read<RegistryNode>(NODE),
      /** Needs `driver`; `driver_info` says where its BMC is. */
      create: (node: { driver: string } & Record<string, unknown>, more: CallOptions = {}): Promise<RegistryNode> =>
        call('post', NODES, { body: node, ...more }),
      update: (node: string, patch: NodePatch, more: CallOptions = {}): Promise<RegistryNode> =>
        call('patch', NODE, { params: { node }, body: patch, ...more }),
      delete: (node: string, more: CallOptions = {}) => write('delete', NODE, { params: { node }, ...more }),
      validate: read<Record<string, { result: boolean | null; reason?: string }>>(`${NODE}/validate`),
      states: read<Record<string, unknown>>(`${NODE}/states`),
      setPower: (node: string, target: PowerTarget, more: CallOptions = {}) =>
        write('put', `${NODE}/states/power`, { params: { node }, body: { target }, ...more }),
      setProvision: (node: string, target: ProvisionVerb, more: CallOptions = {}) =>
        write('put', `${NODE}/states/provision`, { params: { node }, body: { target }, ...more }),
      bootDevice: read<BootDevice>(`${NODE}/management/boot_device`),
      setBootDevice: (node: string, device: { boot_device: string; persistent?: boolean }, more: CallOptions = {}) =>
        write('put', `${NODE}/management/boot_device`, { params: { node }, body: device, ...more }),
      setMaintenance: (node: string, reason?: string, more: CallOptions = {}) =>
        write('put', `${NODE}/maintenance`, {
          params: { node },
          body: reason === undefined ? {} : { reason },
          ...more,
        }),
      clearMaintenance: (node: string, more: CallOptions = {}) =>
        write('delete', `${NODE}/maintenance`, { params: { node }, ...more }),
      traits: async (node: string, more: CallOptions = {}): Promise<string[]> =>
        (await call<{ traits: string[] }>('get', `${NODE}/traits`, { params: { node }, ...more })).traits,
      inventory: read<{ inventory: Record<string, unknown>; plugin_data: Record<string, unknown> }>(
        `${NODE}/inventory`,
      ),
    },
    ports: {
      list: async (query: Query = {}, more: CallOptions = {}): Promise<RegistryPort[]> =>
        (await call<{ ports: RegistryPort[] }>('get', `${PORTS}/detail`, { query: { ...page, ...query }, ...more }))
          .ports,
      get: (port: string, more: CallOptions = {}): Promise<RegistryPort> =>
        call('get', `${PORTS}/:port`, { params: { port }, ...more }),
      create: (
        port: { node_uuid: string; address: string } & Record<string, unknown>,
        more: CallOptions = {},
      ): Promise<RegistryPort> => call('post', PORTS, { body: port, ...more }),
      update: (port: string, patch: NodePatch, more: CallOptions = {}): Promise<RegistryPort> =>
        call('patch', `${PORTS}/:port`, { params: { port }, body: patch, ...more }),
      delete: (port: string, more: CallOptions = {}) =>
        write('delete', `${PORTS}/:port`, { params: { port }, ...more }),
    },
    drivers: async (more: CallOptions = {}): Promise<{ name: string; hosts: string[] }[]> =>
      (await call<{ drivers: { name: string; hosts: string[] }[] }>('get', '/baremetal/v1/drivers', more)).drivers,
  };
};
