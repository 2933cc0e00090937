import { metering } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { MeteringCtx } from '../../ctx.js';
import { sendParts } from '../../dialect.js';
import { concurrentUsage, type UsageEntry, type UsageReport } from '../domain/usage.js';
import { callerOf } from '../../access/domain/caller.js';
import { linksOf, pageOf } from '../../access/api/page.js';

const endpoint = endpointFor<MeteringCtx>();

/** A decimal point always: `384.0` (contract metering §9.2), which JSON.stringify does not write. */
const decimal = (n: number): string => (Number.isInteger(n) ? `${n}.0` : String(n));
const entryText = (e: UsageEntry): string =>
  `{"cloud_type":"${e.cloudType}","cloud_instance_id":${JSON.stringify(e.cloudInstanceId)},` +
  `"rhel_version":${JSON.stringify(e.rhelVersion)},"syspurpose":${e.syspurpose ?? 'null'}}`;
/**
 * The answer in parts, a day each, and its length. A page of a large fleet is larger than a process should hold:
 * entries are encoded once, with the comma before them, and copied when their day is due.
 */
const written = (head: string, { entries, days }: UsageReport): { length: number; parts: Iterable<Buffer> } => {
  const encoded = entries.map((entry) => Buffer.from(`,${entryText(entry)}`));
  const open = Buffer.from(head);
  const close = Buffer.from(']}');
  const frames = days.map(
    (day, d) =>
      [
        Buffer.from(`${d ? ',' : ''}{"date":"${day.date}","instances":${day.instances},"instances_list":[`),
        Buffer.from(`],"vcpu":${day.vcpu},"memory":${decimal(day.memory)}}`),
      ] as const,
  );
  const list = (day: UsageReport['days'][number]): Buffer[] =>
    day.entries.map((e, i) => (i ? encoded[e] : encoded[e]?.subarray(1)) as Buffer);
  let length = open.length + close.length;
  for (const [before, after] of frames) length += before.length + after.length;
  for (const day of days) {
    for (const e of day.entries) length += (encoded[e] as Buffer).length;
    if (day.entries.length) length -= 1;
  }
  const parts = function* (): Iterable<Buffer> {
    yield open;
    for (const [d, day] of days.entries()) {
      const [before, after] = frames[d] as readonly [Buffer, Buffer];
      yield Buffer.concat([before, ...list(day), after]);
    }
    yield close;
  };
  return { length, parts: parts() };
};

export const concurrentEndpoints = [
  endpoint(metering.listConcurrentUsage, async (ctx, { query, req, res }) => {
    const page = pageOf(query);
    const report = await concurrentUsage(
      ctx,
      callerOf(ctx),
      {
        startDate: query.start_date,
        endDate: query.end_date,
        userId: query.user_id,
        accountId: query.cloud_account_id,
      },
      page,
    );
    const links = JSON.stringify(linksOf(req, page, report.count));
    const head = `{"meta":{"count":${report.count}},"links":${links},"data":[`;
    await sendParts(req, res, written(head, report));
  }),
];
