import { setTimeout as sleep } from 'node:timers/promises';
import type { introspection, ResponseOf } from '@nefos/contracts';
import { createCaller, type Call, type CallOptions, type CallerOptions } from './call.js';
import { registryCalls } from './introspection-registry.js';

/** The status of the last run of a node (contract introspection §3.1). */
export type Introspection = ResponseOf<typeof introspection.showIntrospection>;
/** What a node is made of, in one shape. */
export type NodeSummary = ResponseOf<typeof introspection.showSummary>;
export type ReportedData = Record<string, unknown>;
/** A rule (contract introspection §3.4, §8); lists leave `conditions` and `actions` out. */
export interface IntrospectionRule {
  uuid: string;
  description: string | null;
  scope: string | null;
  conditions: Record<string, unknown>[];
  actions: Record<string, unknown>[];
}
export type NewIntrospectionRule = Pick<IntrospectionRule, 'actions'> & Partial<IntrospectionRule>;
export interface StartOptions extends CallOptions {
  /** False: somebody else powers the machine on. */
  manageBoot?: boolean | undefined;
  /** A start that is sent again with the same key starts nothing. */
  idempotencyKey?: string | undefined;
}
export interface WaitOptions extends CallOptions {
  /** How long to wait for the end of the run. */
  forMs?: number | undefined;
  everyMs?: number | undefined;
}
const AT = '/v1/introspection/:node';

/** Calls introspection: runs, their data and rules, and the registry of nodes. Every function throws ApiError. */
export const createIntrospectionClient = (options: CallerOptions) => {
  const wire = createCaller(options);
  const call = async <T>(method: Call['method'], path: string, more: Omit<Call, 'method' | 'path'> = {}): Promise<T> =>
    (await wire<T>({ method, path, ...more })).body;
  const get = (node: string, more: CallOptions = {}): Promise<Introspection> =>
    call('get', AT, { params: { node }, ...more });
  const data =
    (path: string) =>
    (node: string, more: CallOptions = {}): Promise<ReportedData> =>
      call('get', `${AT}/data${path}`, { params: { node }, ...more });
  return {
    close: wire.close,
    runs: {
      /** Begins a run; the answer comes before the machine is powered on. What was found before is lost. */
      start: async (node: string, { manageBoot, idempotencyKey, ...more }: StartOptions = {}): Promise<void> => {
        await call('post', AT, {
          params: { node },
          query: manageBoot === undefined ? {} : { manage_boot: manageBoot ? '1' : '0' },
          ...(idempotencyKey !== undefined && { headers: { 'Idempotency-Key': idempotencyKey }, repeatable: true }),
          ...more,
        });
      },
      get,
      list: async (
        query: { limit?: number; marker?: string; state?: string } = {},
        more: CallOptions = {},
      ): Promise<Introspection[]> =>
        (await call<{ introspection: Introspection[] }>('get', '/v1/introspection', { query, ...more })).introspection,
      abort: async (node: string, more: CallOptions = {}): Promise<void> => {
        await call('post', `${AT}/abort`, { params: { node }, ...more });
      },
      /** Waits for the end of the run, well or not. @throws Error when it does not end in time */
      wait: async (
        node: string,
        { forMs = 3_600_000, everyMs = 1000, ...more }: WaitOptions = {},
      ): Promise<Introspection> => {
        for (const end = Date.now() + forMs; ;) {
          const found = await get(node, more);
          if (found.finished && found.state !== 'reapplying') return found;
          if (Date.now() > end) throw new Error(`the run of ${node} has not ended: it is ${found.state}`);
          await sleep(everyMs, undefined, more.signal ? { signal: more.signal } : {});
        }
      },
      /** What hooks and rules made of the report. */
      data: data(''),
      /** The report as it came, without logs. */
      unprocessedData: data('/unprocessed'),
      summary: (node: string, more: CallOptions = {}): Promise<NodeSummary> =>
        call('get', `${AT}/summary`, { params: { node }, ...more }),
      /** Applies hooks and rules again: to what is stored, or to `report`, which takes its place. */
      reapply: async (node: string, report?: ReportedData, more: CallOptions = {}): Promise<void> => {
        await call('post', `${AT}/data/unprocessed`, {
          params: { node },
          ...(report !== undefined && { body: report }),
          ...more,
        });
      },
    },
    /** Reports in the place of a ramdisk. @returns the UUID of the node */
    report: async (report: ReportedData, more: CallOptions = {}): Promise<string> =>
      (await call<{ uuid: string }>('post', '/v1/continue', { body: report, ...more })).uuid,
    rules: {
      list: async (more: CallOptions = {}): Promise<Omit<IntrospectionRule, 'conditions' | 'actions'>[]> =>
        (await call<{ rules: IntrospectionRule[] }>('get', '/v1/rules', more)).rules,
      get: (rule: string, more: CallOptions = {}): Promise<IntrospectionRule> =>
        call('get', '/v1/rules/:rule', { params: { rule }, ...more }),
      create: (rule: NewIntrospectionRule, more: CallOptions = {}): Promise<IntrospectionRule> =>
        call('post', '/v1/rules', { body: rule, ...more }),
      delete: async (rule: string, more: CallOptions = {}): Promise<void> => {
        await call('delete', '/v1/rules/:rule', { params: { rule }, ...more });
      },
      deleteAll: async (more: CallOptions = {}): Promise<void> => {
        await call('delete', '/v1/rules', more);
      },
    },
    ...registryCalls(wire),
  };
};
export type IntrospectionClient = ReturnType<typeof createIntrospectionClient>;
