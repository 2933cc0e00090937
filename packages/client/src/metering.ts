import { ingestEvents, type EventResult, type metering, type MeteringEvent, type ResponseOf } from '@nefos/contracts';
import { createCaller, type CallOptions, type CallerOptions } from './call.js';

/** Contract metering §3. */
export type MeteringPage<T> = Omit<ResponseOf<typeof metering.listAccounts>, 'data'> & { data: T[] };
export type Account = ResponseOf<typeof metering.getAccount>;
export type MeteredInstance = ResponseOf<typeof metering.getMeteredInstance>;
export type MachineImage = ResponseOf<typeof metering.getMachineImage>;
/** One day, UTC (contract metering §9.2); `memory` in GiB. */
export type ConcurrentDay = ResponseOf<typeof metering.listConcurrentUsage>['data'][number];
export type Sysconfig = ResponseOf<typeof metering.getSysconfig>;
type Page = { limit?: number | undefined; offset?: number | undefined };

export interface MeteringClientOptions extends CallerOptions {
  /** Speaks for this account by X-RH-IDENTITY; only peers that metering trusts may. */
  accountNumber?: string | undefined;
}
/** The value of X-RH-IDENTITY for an account (contract metering §2). */
export const rhIdentity = (accountNumber: string): string =>
  Buffer.from(JSON.stringify({ identity: { account_number: accountNumber } })).toString('base64');

/** Calls metering, with a token or as a trusted peer. Every function throws ApiError. */
export const createMeteringClient = ({ accountNumber, headers, ...options }: MeteringClientOptions) => {
  const call = createCaller({
    ...options,
    headers: { ...headers, ...(accountNumber !== undefined && { 'X-RH-IDENTITY': rhIdentity(accountNumber) }) },
  });
  const get = async <T>(
    path: string,
    query: object | undefined,
    more: CallOptions,
    params: Record<string, number> = {},
  ): Promise<T> => (await call<T>({ method: 'get', path: `/v2${path}`, query, params, ...more })).body;
  return {
    close: call.close,
    accounts: {
      list: (query: Page & { user_id?: number } = {}, more: CallOptions = {}) =>
        get<MeteringPage<Account>>('/accounts/', query, more),
      get: (id: number, more: CallOptions = {}) => get<Account>('/accounts/:id/', undefined, more, { id }),
      rename: async (id: number, name: string, more: CallOptions = {}) =>
        (
          await call<Account>({
            method: 'patch',
            path: '/v2/accounts/:id/',
            params: { id },
            body: { name },
            repeatable: true,
            ...more,
          })
        ).body,
      delete: async (id: number, more: CallOptions = {}): Promise<void> => {
        await call({ method: 'delete', path: '/v2/accounts/:id/', params: { id }, ...more });
      },
    },
    instances: {
      list: (query: Page & { user_id?: number; running_since?: string } = {}, more: CallOptions = {}) =>
        get<MeteringPage<MeteredInstance>>('/instances/', query, more),
      get: (id: number, more: CallOptions = {}) => get<MeteredInstance>('/instances/:id/', undefined, more, { id }),
    },
    images: {
      list: (query: Page & { user_id?: number } = {}, more: CallOptions = {}) =>
        get<MeteringPage<MachineImage>>('/images/', query, more),
      get: (id: number, more: CallOptions = {}) => get<MachineImage>('/images/:id/', undefined, more, { id }),
    },
    /** Days from `start_date` to before `end_date`, as `YYYY-MM-DD`; today when none is given. */
    concurrent: (
      query: Page & { start_date?: string; end_date?: string; user_id?: number; cloud_account_id?: number } = {},
      more: CallOptions = {},
    ) => get<MeteringPage<ConcurrentDay>>('/concurrent/', query, more),
    sysconfig: (more: CallOptions = {}) => get<Sysconfig>('/sysconfig/', undefined, more),
    /**
     * Sends events, at most 1000 at once; an event that is sent twice takes effect once, so the call may be repeated.
     */
    ingestEvents: async (events: readonly MeteringEvent[], more: CallOptions = {}): Promise<EventResult[]> =>
      (
        await call<{ results: EventResult[] }>({
          method: ingestEvents.method,
          path: ingestEvents.path,
          body: { events },
          repeatable: true,
          ...more,
        })
      ).body.results,
  };
};
export type MeteringClient = ReturnType<typeof createMeteringClient>;
