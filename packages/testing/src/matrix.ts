import type { Contract } from '@nefos/contracts';
import { exampleOf } from './example.js';

/**
 * What a caller meets. A number: refused with that status, and nothing changes. `absent`: what is another's looks
 * exactly like what is not there, and nothing changes. `allowed`: the request is carried out. `unseen`: answered, and
 * nothing of the owner's is in the answer.
 */
export type Outcome = number | 'absent' | 'allowed' | 'unseen';
export type Ids = Readonly<Record<string, string | number>>;
export interface Asked {
  method: string;
  path: string;
  contract: Contract;
  body: unknown;
  ids: Ids;
}
export interface Answered {
  status: number;
  text: string;
}
export interface Matrix<Who extends string> {
  contracts: readonly Contract[];
  callers: readonly Who[];
  /** The rule: what this caller meets at this endpoint. */
  outcome: (contract: Contract, who: Who) => Outcome;
  /** Cells that differ from the rule: "method path · caller" to what comes, each with its reason beside it. */
  exceptions?: Readonly<Record<string, Outcome>>;
  send: (who: Who, asked: Asked) => Promise<Answered>;
  /**
   * Ids of things that a refused caller reaches for, by the names in the paths: the owner's as a rule. They are never
   * changed.
   */
  owned: (contract: Contract, path: string, who: Who) => Ids;
  /** Ids of the same kind that nothing has. */
  unknown: (contract: Contract, path: string) => Ids;
  /**
   * Ids of things that this caller may see, or change, for a call that is carried out; new ones where it changes
   * them.
   */
  fresh: (contract: Contract, path: string, who: Who) => Promise<Ids>;
  /** Bodies where the schema's example would not do, by "method path". */
  bodies?: Readonly<Record<string, (ids: Ids) => unknown>>;
  /** Queries without which the endpoint answers nothing, by "method path". */
  queries?: Readonly<Record<string, (ids: Ids) => string>>;
  /**
   * What an allowed call meets where it is no success, by "method path": the state of things, not the caller,
   * decides.
   */
  answers?: Readonly<Record<string, number>>;
  /** Everything that a refused request must leave as it is. */
  state: () => Promise<Record<string, string>>;
}

const SAFE = new Set(['get', 'head', 'options']);
export const isSafe = ({ method, writes }: Contract): boolean => SAFE.has(method) && !writes;
const nameOf = ({ method, path }: Contract): string => `${method} ${path}`;
const fill = (path: string, ids: Ids): string =>
  path.replace(/[:*](\w+)/g, (_m, name: string) => {
    if (ids[name] === undefined) throw new Error(`no id for ${name} of ${path}`);
    return encodeURIComponent(String(ids[name]));
  });
const bodyOf = <Who extends string>({ bodies }: Matrix<Who>, contract: Contract, ids: Ids): unknown => {
  if (!contract.body) return undefined;
  const made = bodies?.[nameOf(contract)];
  return made ? made(ids) : exampleOf(contract.body);
};
/** Without any id that the caller sent, so that two answers can be compared. */
const masked = (text: string, ...ids: Ids[]): string =>
  [...new Set(ids.flatMap((one) => Object.values(one).map(String)))]
    .sort((a, b) => b.length - a.length)
    .reduce((masking, id) => masking.replaceAll(id, 'ID'), text);

/** One test per endpoint and path: every caller, as the rule says. */
export const describeMatrix = <Who extends string>(matrix: Matrix<Who>): void => {
  const { contracts, callers, exceptions = {}, answers = {}, send } = matrix;
  const keyOf = (contract: Contract, who: Who): string => `${nameOf(contract)} · ${who}`;
  const expected = (contract: Contract, who: Who): Outcome =>
    exceptions[keyOf(contract, who)] ?? matrix.outcome(contract, who);
  const ask = (contract: Contract, path: string, who: Who, ids: Ids): Promise<Answered> =>
    send(who, {
      method: contract.method,
      path: fill(path, ids) + (matrix.queries?.[nameOf(contract)]?.(ids) ?? ''),
      contract,
      body: bodyOf(matrix, contract, ids),
      ids,
    });

  /** What is wrong with a call that must not be carried out, or must not show anything. */
  const refusal = async (contract: Contract, path: string, who: Who, outcome: Outcome): Promise<string | null> => {
    const owned = matrix.owned(contract, path, who);
    const { status, text } = await ask(contract, path, who, owned);
    if (status >= 500 && status !== outcome) return `${status} ${text}`;
    if (typeof outcome === 'number')
      return status === outcome ? null : `${status} for ${outcome}: ${text.slice(0, 200)}`;
    if (outcome === 'unseen') {
      const seen = Object.values(owned).filter((id) => String(id).length > 5 && text.includes(String(id)));
      return status < 300 && !seen.length ? null : `${status}, shows ${seen.join()}: ${text.slice(0, 200)}`;
    }
    const unknown = matrix.unknown(contract, path);
    const absent = await ask(contract, path, who, unknown);
    const same = status === absent.status && masked(text, owned, unknown) === masked(absent.text, owned, unknown);
    if (same && status >= 400) return null;
    return `${status} ${text.slice(0, 200)}, but absent is ${absent.status} ${absent.text.slice(0, 200)}`;
  };
  const success = async (contract: Contract, path: string, who: Who): Promise<string | null> => {
    const ids = await matrix.fresh(contract, path, who);
    const { status, text } = await ask(contract, path, who, ids);
    const wanted = answers[nameOf(contract)];
    return (wanted === undefined ? status < 400 : status === wanted)
      ? null
      : `${status} for success: ${text.slice(0, 300)}`;
  };

  it('every exception is still needed, and every table names endpoints that exist', () => {
    const cells = new Map(
      contracts.flatMap((c) => callers.map((who) => [keyOf(c, who), matrix.outcome(c, who)] as const)),
    );
    expect(Object.keys(exceptions).filter((key) => !cells.has(key) || cells.get(key) === exceptions[key])).toEqual([]);
    const names = new Set(contracts.map(nameOf));
    expect(Object.keys({ ...answers, ...matrix.bodies }).filter((name) => !names.has(name))).toEqual([]);
  });
  let last: Record<string, string> | undefined;
  const all = contracts.flatMap((one) =>
    [one.path, ...(one.aliases ?? [])].map((path) => [one.method, path, one] as const),
  );
  it.each(all)('%s %s', async (_method, path, contract) => {
    if (contract.body) {
      const body = bodyOf(matrix, contract, matrix.owned(contract, path, callers[0] as Who));
      expect([body, contract.body.safeParse(body).error?.issues]).toEqual([body, undefined]);
    }
    const wrong: string[] = [];
    const note = (who: Who, found: string | null): unknown => found !== null && wrong.push(`${who}: ${found}`);
    const before = last ?? (await matrix.state());
    last = undefined;
    for (const who of callers) {
      const outcome = expected(contract, who);
      if (outcome !== 'allowed') note(who, await refusal(contract, path, who, outcome));
    }
    const after = await matrix.state();
    expect({ wrong, state: after }).toEqual({ wrong: [], state: before });
    for (const who of callers) if (expected(contract, who) === 'allowed') note(who, await success(contract, path, who));
    expect(wrong).toEqual([]);
    // A safe request changes nothing: reuse this snapshot.
    if (isSafe(contract)) last = after;
  });
};
