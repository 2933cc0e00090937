import type { Command } from 'commander';
import { jobs, outbox, type Kind } from './kinds.js';
import { print, type Row } from './output.js';
import { closeSources, openSources, type Source } from './sources.js';
import { wholeNumber } from './values.js';

// Jobs and events that wait for the operator: `jobs list|retry`, `outbox list|retry`.

interface Options {
  limit: number;
  all: boolean;
  service?: string;
}
const MOST = 10_000;
const withSources = async (kind: Kind, service: string | undefined, work: (s: Source[]) => Promise<void>) => {
  if (service !== undefined && !kind.services.includes(service))
    throw new Error(`--service is ${kind.services.join(' or ')}`);
  const sources = await openSources(service === undefined ? kind.services : [service]);
  try {
    await work(sources);
  } finally {
    await closeSources(sources);
  }
};
const addKind = (
  root: Command,
  name: string,
  kind: Kind,
  texts: { about: string; list: string; retry: string },
): void => {
  const isJson = (): boolean => Boolean(root.opts<{ json?: boolean }>().json);
  const command = root.command(name).description(texts.about);
  const withService = (one: Command): Command =>
    kind.services.length > 1
      ? one.option('--service <name>', `only those of ${kind.services.join(', or of ')}; where both have the same id`)
      : one;
  withService(command.command('list'))
    .description(texts.list)
    .option('--limit <number>', 'how many, the oldest first', wholeNumber(MOST), 100)
    .action(({ limit, service }: Options) =>
      withSources(kind, service, async (sources) => {
        const found = await kind.list(sources, limit + 1);
        const note = found.length > limit ? `these are the oldest ${limit}; there are more: --limit` : undefined;
        print({ rows: found.slice(0, limit) as Row[], note }, isJson());
      }),
    );
  withService(command.command('retry'))
    .description(texts.retry)
    .argument('[id...]', 'from the list')
    .option('--all', 'every one of the list', false)
    .action(async (ids: string[], { all, service }: Options) => {
      if (all ? ids.length : !ids.length) throw new Error('give ids, or --all');
      const wrong = ids.find((one) => !kind.id.test(one));
      if (wrong !== undefined) throw new Error(`${wrong} is no id of ${kind.one}: see \`${name} list\``);
      await withSources(kind, service, async (sources) => {
        const retried = await kind.retry(sources, all ? 'all' : ids);
        print({ rows: [{ retried }] }, isJson());
        if (!all && retried < ids.length) throw new Error(`${ids.length - retried} of these ids are not in the list`);
      });
    });
};
export const addKeptCommands = (root: Command): void => {
  addKind(root, 'outbox', outbox, {
    about: 'events for metering that wait for the operator',
    list: 'events that metering refused, or that were set aside because they alone failed',
    retry: 'tell them again',
  });
  addKind(root, 'jobs', jobs, {
    about: 'jobs of the services that are out of attempts',
    list: 'each with its last error',
    retry: 'run them again',
  });
};
