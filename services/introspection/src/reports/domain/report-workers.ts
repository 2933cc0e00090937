import { fileURLToPath } from 'node:url';
import { Fault, unavailable } from '@nefos/service-kit';
import { Piscina } from 'piscina';
import { jsonText } from '../../json-text.js';
import type { Machine } from '../../nodes/domain/machine.js';
import type { AnyRule } from '../../rules/domain/apply-rules.js';
import { machineOfText, machineText } from './machine-text.js';
import { makePipeline, type PipelineSettings } from './pipeline.js';
import { processReport, type ProcessedReport } from './process-report.js';
import { readGiven, readReport, type ReadReport } from './read-report.js';
import type { Answer, Task } from './report-worker.js';

/** Text for the database: of large reports it comes as bytes. */
export type Stored = string | Buffer;
/** A report that is read; see `readReport`. It can be processed again when the machine has changed meanwhile. */
export interface Report extends Omit<ReadReport, 'data' | 'unprocessed'> {
  unprocessed: Stored;
  /** A thread processes it: not while something is locked. */
  large: boolean;
  process(
    machine: Machine,
    rules: readonly AnyRule[],
    discovered: boolean,
  ): Promise<Omit<ProcessedReport, 'processed'> & { processed: Stored | null }>;
}
export interface ReportWorkers {
  /** @throws Fault invalid report.form, report.expensive, body.*; unavailable report.busy */
  read(raw: Buffer): Promise<Report>;
  /** See `readGiven`. @throws the same */
  given(raw: Buffer): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Larger reports are read and processed by threads, so that all others go on meanwhile. */
export const LARGE = 256 * 1024;
const THREADS = 2;
/** Reports that wait for a thread, each with its bytes; more are told to come again. */
const WAITING = 16;
const IDLE_MS = 60_000;
/** Of one thread: a report that needs more is refused, and the process lives. */
const HEAP_MB = 768;
const PATIENCE_MS = 60_000;
/** What was compiled: tests run from the source, and a thread needs JavaScript. */
const ENTRY = fileURLToPath(new URL('../../../dist/reports/domain/report-worker.js', import.meta.url));

const faultOf = (err: unknown): unknown => {
  const { code, message, name } = err as { code?: string; message?: string; name?: string };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY' || name === 'AbortError')
    return new Fault('invalid', 'report.expensive', { message: 'The report takes too long or too much memory' });
  return message === 'Task queue is at limit' ? unavailable('report.busy', { retryAfter: 5 }) : err;
};
const inPlace = (raw: Buffer, settings: PipelineSettings): Report => {
  const pipeline = makePipeline(settings);
  const { data, ...read } = readReport(raw, pipeline);
  let fresh: typeof data | undefined = data;
  return {
    ...read,
    large: false,
    process: async (machine, rules, discovered) => {
      // Hooks change the data: the second time begins with what came.
      const own = fresh ?? readReport(raw, pipeline).data;
      fresh = undefined;
      return processReport(own, machine, rules, discovered, pipeline);
    },
  };
};
export const createReportWorkers = (settings: PipelineSettings): ReportWorkers => {
  makePipeline(settings);
  let pool: Piscina<Task, Answer> | undefined;
  const ask = async (task: Task): Promise<Exclude<Answer, { refused: unknown }>> => {
    pool ??= new Piscina({
      filename: ENTRY,
      minThreads: 0,
      maxThreads: THREADS,
      maxQueue: WAITING,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      workerData: settings,
    });
    const answer = await pool.run(task, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((err: unknown) => {
      throw faultOf(err);
    });
    if ('refused' in answer) throw new Fault(answer.refused.kind, answer.refused.code, answer.refused.reason);
    return answer;
  };
  const byThread = async (raw: Buffer): Promise<Report> => {
    const answer = await ask({ raw });
    if (!('read' in answer)) throw new Error('a thread gave another answer than it was asked for');
    return {
      ...answer.read,
      large: true,
      unprocessed: Buffer.from(answer.read.unprocessed),
      process: async (machine, rules, discovered) => {
        const done = await ask({ raw, machine: machineText(machine), rules: jsonText(rules), discovered });
        if (!('processed' in done)) throw new Error('a thread gave another answer than it was asked for');
        const { processed, machine: text, ...rest } = done.processed;
        return { ...rest, machine: machineOfText(text), processed: processed === null ? null : Buffer.from(processed) };
      },
    };
  };
  const givenByThread = async (raw: Buffer): Promise<string | undefined> => {
    const answer = await ask({ raw, given: true });
    if (!('given' in answer)) throw new Error('a thread gave another answer than it was asked for');
    return answer.given;
  };
  return {
    given: async (raw) => (raw.length > LARGE ? givenByThread(raw) : readGiven(raw)),
    read: async (raw) => (raw.length > LARGE ? byThread(raw) : inPlace(raw, settings)),
    stop: async () => pool?.destroy(),
  };
};
