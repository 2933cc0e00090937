import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import type { Test } from 'supertest';
import { insertNode } from '../../src/nodes/domain/register.js';
import type { JsonObject } from '../../src/values.js';
import { useService, type Service } from '../support.js';

export interface Status {
  error: string | null;
  finished: boolean;
  finished_at: string | null;
  started_at: string;
  state: string;
  uuid: string;
}
export interface RunService extends Service {
  /** Registers a node with a BMC address of its own, and gives its UUID. */
  node(fields?: JsonObject): Promise<string>;
  port(node: string, address?: string): Promise<string>;
  start(node: string, query?: string): Test;
  status(node: string): Promise<Status>;
  rows<R extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Takes all jobs away, as if somebody had deleted them. */
  loseJobs(): Promise<void>;
}
/** Each call has a port of its own; links do not. */
export const HOST = 'inspector.example:5050';
export const mac = (): string => `52:54:00:${randomBytes(3).toString('hex').match(/../g)?.join(':') ?? ''}`;
const bmc = (): string =>
  `198.18.${randomBytes(2)
    .map((one) => one % 250)
    .join('.')}`;

/** The service with what tests of runs need. */
export const useRuns = (env: Record<string, string> = {}): RunService => {
  const service = useService(env) as RunService;
  beforeAll(() => {
    const rows: RunService['rows'] = (text, values = []) => sql(service.db, text, values);
    Object.assign(service, {
      rows,
      node: async (fields = {}) => {
        const document = { driver: 'fake-hardware', driver_info: { ipmi_address: bmc() }, ...fields };
        return (await service.db.transaction((tx) => insertNode(service.ctx, tx, document))).uuid;
      },
      port: async (node, address = mac()) => {
        await rows('insert into port (uuid, node_uuid, address) values ($1, $2, $3)', [randomUUID(), node, address]);
        return address;
      },
      start: (node, query = '?manage_boot=0') => service.call('post', `/v1/introspection/${node}${query}`),
      status: async (node) =>
        (await service.call('get', `/v1/introspection/${node}`).set('Host', HOST).expect(200)).body as Status,
      loseJobs: async () => {
        await rows('delete from graphile_worker._private_jobs');
      },
    } satisfies Partial<RunService>);
  });
  return service;
};
