import { isObject, valueAt, type Json } from '../../values.js';

// Paths as rules write them (contract introspection §8.2): `a.b`, `$`, `[0]`, `[*]`, `*`, `..`, `|`, quoted names. What
// each finds, and how they bind, is as in jsonpath-rw, for which rules are written: `|` binds more than `.`.

type Step =
  | { kind: 'names'; names: readonly string[] }
  | { kind: 'index'; index: number }
  | { kind: 'slice'; from: number | undefined; to: number | undefined }
  /** `*`: what is in an object. */
  | { kind: 'values' }
  /** `..`: at any depth, itself included. */
  | { kind: 'below' }
  | { kind: 'either'; of: readonly FieldPath[] };
export type FieldPath = readonly Step[];

const MOST_TOKENS = 200;
const TOKEN =
  /(?:(\.\.|[.|[\](),:*])|'([^']*)'|"([^"]*)"|(-?\d{1,9})(?![\p{L}\p{N}_@-])|([\p{L}\p{N}_$@][\p{L}\p{N}_@-]*))\s*/uy;
type Token = { sign: string } | { name: string } | { number: number };
const tokensOf = (text: string): Token[] | undefined => {
  const found: Token[] = [];
  const trimmed = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (!match || found.length === MOST_TOKENS) return undefined;
    const [, sign, quoted1, quoted2, number, name] = match;
    const text1 = quoted1 ?? quoted2 ?? name;
    if (sign !== undefined) found.push({ sign });
    else if (number !== undefined) found.push({ number: Number(number) });
    else if (text1 !== undefined) found.push({ name: text1 });
  }
  return found;
};

class BadPath extends Error {}
/** Reads tokens from the left to the right: a row of steps, in which `|` holds its two sides together. */
class PathReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }
  get atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }
  #next(): Token | undefined {
    return this.#tokens[this.#at];
  }
  #takes(sign: string): boolean {
    const next = this.#next();
    if (!next || !('sign' in next) || next.sign !== sign) return false;
    this.#at += 1;
    return true;
  }
  #demand(sign: string): void {
    if (!this.#takes(sign)) throw new BadPath();
  }
  #number(): number | undefined {
    const next = this.#next();
    if (!next || !('number' in next)) return undefined;
    this.#at += 1;
    return next.number;
  }
  path(): Step[] {
    const steps: Step[] = [];
    if (this.#takes('..')) steps.push({ kind: 'below' });
    steps.push(...this.#either());
    for (;;) {
      if (this.#takes('..')) steps.push({ kind: 'below' });
      else if (!this.#takes('.')) return steps;
      steps.push(...this.#either());
    }
  }
  #either(): FieldPath {
    const first = this.#indexed();
    const of = [first];
    while (this.#takes('|')) of.push(this.#indexed());
    return of.length === 1 ? first : [{ kind: 'either', of }];
  }
  #indexed(): FieldPath {
    const steps: Step[] = [];
    if (!this.#nextIs('[')) steps.push(...this.#primary());
    while (this.#takes('[')) {
      steps.push(this.#inBrackets());
      this.#demand(']');
    }
    return steps;
  }
  #nextIs(sign: string): boolean {
    const next = this.#next();
    return next !== undefined && 'sign' in next && next.sign === sign;
  }
  #primary(): FieldPath {
    if (this.#takes('(')) {
      const inner = this.path();
      this.#demand(')');
      return inner;
    }
    if (this.#takes('*')) return [{ kind: 'values' }];
    const next = this.#next();
    // The whole is meant where nothing stands before it.
    if (this.#at === 0 && next && 'name' in next && next.name === '$') {
      this.#at += 1;
      return [];
    }
    return [this.#names()];
  }
  #names(): Step {
    const names: string[] = [];
    do {
      const next = this.#next();
      // As a name, a number is what it is in the text.
      if (!next || 'sign' in next) throw new BadPath();
      names.push('name' in next ? next.name : String(next.number));
      this.#at += 1;
    } while (this.#takes(','));
    return { kind: 'names', names };
  }
  #inBrackets(): Step {
    if (this.#takes('*')) return { kind: 'slice', from: undefined, to: undefined };
    const next = this.#next();
    if (next && 'name' in next) return this.#names();
    const from = this.#number();
    if (this.#takes(':')) return { kind: 'slice', from, to: this.#number() };
    if (from === undefined) throw new BadPath();
    return { kind: 'index', index: from };
  }
}

/** @returns undefined: it is no path */
export const parsePath = (text: string): FieldPath | undefined => {
  const tokens = tokensOf(text);
  if (!tokens || tokens.length === 0) return undefined;
  try {
    const reader = new PathReader(tokens);
    const steps = reader.path();
    return reader.atEnd ? steps : undefined;
  } catch (err) {
    if (err instanceof BadPath) return undefined;
    throw err;
  }
};

/** Counts what a walk costs, and may end it by throwing. */
type Spend = (steps: number) => void;
const below = (from: readonly Json[], spend: Spend): Json[] => {
  const found: Json[] = [];
  // From the last, so that the first child is met first.
  const todo = [...from].reverse();
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    found.push(one);
    const inside = Array.isArray(one) ? one : isObject(one) ? Object.values(one) : [];
    spend(1 + inside.length);
    for (let i = inside.length - 1; i >= 0; i -= 1) todo.push(inside[i] as Json);
  }
  return found;
};
/** What one step finds in one value. */
const inOne = (step: Exclude<Step, { kind: 'below' | 'either' }>, one: Json): readonly Json[] => {
  switch (step.kind) {
    case 'names': {
      if (!isObject(one)) return [];
      return step.names.map((name) => valueAt(one, name)).filter((value) => value !== undefined);
    }
    case 'values':
      return isObject(one) ? Object.values(one) : [];
    case 'index': {
      const value = Array.isArray(one) ? one.at(step.index) : undefined;
      return value === undefined ? [] : [value];
    }
    case 'slice':
      // What is no list counts as one of a single item.
      return (Array.isArray(one) ? one : [one]).slice(step.from ?? 0, step.to);
  }
};
const follow = (step: Step, from: readonly Json[], spend: Spend): Json[] => {
  if (step.kind === 'below') return below(from, spend);
  const found: Json[] = [];
  for (const one of from) {
    const inside = step.kind === 'either' ? step.of.flatMap((path) => findByPath(path, one, spend)) : inOne(step, one);
    spend(1 + inside.length);
    for (const value of inside) found.push(value);
  }
  return found;
};
/** What a path finds in a value, in its order. @throws what `spend` throws */
export const findByPath = (path: FieldPath, value: Json, spend: Spend): Json[] =>
  path.reduce<Json[]>((found, step) => follow(step, found, spend), [value]);
