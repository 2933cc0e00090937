import { metering } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { MeteringCtx } from '../ctx.js';
import { concurrentUsage, type UsageDay, type UsageEntry } from '../domain/usage.js';
import { callerOf } from './caller.js';
import { linksOf, pageOf } from './page.js';

const endpoint = endpointFor<MeteringCtx>();

/** A decimal point always: `384.0` (contract metering §9.2), which JSON.stringify does not write. */
const decimal = (n: number): string => (Number.isInteger(n) ? `${n}.0` : String(n));
const entryText = (e: UsageEntry): string => `{"cloud_type":"${e.cloudType}","cloud_instance_id":${JSON.stringify(e.cloudInstanceId)},"rhel_version":${JSON.stringify(e.rhelVersion)},"syspurpose":${e.syspurpose ?? 'null'}}`;
/** Entries are many and stand in many days, so each is written once and its text is used again. */
const dayText = (day: UsageDay, entries: readonly string[]): string =>
  `{"date":"${day.date}","instances":${day.instances},"instances_list":[${day.entries.map((e) => entries[e]).join(',')}],"vcpu":${day.vcpu},"memory":${decimal(day.memory)}}`;

export const concurrentEndpoints = [
  endpoint(metering.listConcurrentUsage, async (ctx, { query, req }) => {
    const page = pageOf(query);
    const report = await concurrentUsage(ctx, callerOf(ctx), { startDate: query.start_date, endDate: query.end_date, userId: query.user_id, accountId: query.cloud_account_id }, page);
    const entries = report.entries.map(entryText);
    return Buffer.from(`{"meta":{"count":${report.count}},"links":${JSON.stringify(linksOf(req, page, report.count))},"data":[${report.days.map((day) => dayText(day, entries)).join(',')}]}`);
  }),
];
