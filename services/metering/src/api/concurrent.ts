import { metering } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { MeteringCtx } from '../ctx.js';
import { concurrentUsage, type UsageEntry, type UsageReport } from '../domain/usage.js';
import { callerOf } from './caller.js';
import { linksOf, pageOf } from './page.js';

const endpoint = endpointFor<MeteringCtx>();

/** A decimal point always: `384.0` (contract metering §9.2), which JSON.stringify does not write. */
const decimal = (n: number): string => (Number.isInteger(n) ? `${n}.0` : String(n));
const entryText = (e: UsageEntry): string => `{"cloud_type":"${e.cloudType}","cloud_instance_id":${JSON.stringify(e.cloudInstanceId)},"rhel_version":${JSON.stringify(e.rhelVersion)},"syspurpose":${e.syspurpose ?? 'null'}}`;
/** The days, joined. Entries are many and stand in many days, so each is encoded once, with the comma before it, and then only copied. */
const daysBytes = ({ entries, days }: UsageReport): Buffer[] => {
  const encoded = entries.map((entry) => Buffer.from(`,${entryText(entry)}`));
  return days.flatMap((day, d) => [
    Buffer.from(`${d ? ',' : ''}{"date":"${day.date}","instances":${day.instances},"instances_list":[`),
    ...day.entries.map((e, i) => (i ? encoded[e] : encoded[e]?.subarray(1)) as Buffer),
    Buffer.from(`],"vcpu":${day.vcpu},"memory":${decimal(day.memory)}}`),
  ]);
};

export const concurrentEndpoints = [
  endpoint(metering.listConcurrentUsage, async (ctx, { query, req }) => {
    const page = pageOf(query);
    const report = await concurrentUsage(ctx, callerOf(ctx), { startDate: query.start_date, endDate: query.end_date, userId: query.user_id, accountId: query.cloud_account_id }, page);
    const head = `{"meta":{"count":${report.count}},"links":${JSON.stringify(linksOf(req, page, report.count))},"data":[`;
    return Buffer.concat([[Buffer.from(head)], daysBytes(report), [Buffer.from(']}')]].flat());
  }),
];
