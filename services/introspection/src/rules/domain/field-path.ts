import { isObject, type Json } from '../../values.js';

// Paths as rules write them (contract introspection §8.2): `a.b`, `$`, `[0]`, `[*]`, `*`, `..`, `|`, quoted names.

type Step =
  | { kind: 'name'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'every' }
  /** Any depth below. */
  | { kind: 'below' };
/** Alternatives, each a row of steps. */
export type FieldPath = readonly (readonly Step[])[];

const MOST_STEPS = 50;
/** More than anybody compares with; the walk ends there. */
const MOST_FOUND = 10_000;
const TOKEN =
  /\s*(?:(\.\.)|(\.)|(\|)|\[\s*(?:(\d{1,9})|(\*)|'([^']*)'|"([^"]*)")\s*\]|(\*)|'([^']*)'|"([^"]*)"|([\p{L}\p{N}_$@-]+))\s*/uy;

/** @returns undefined: it is no path */
export const parsePath = (text: string): FieldPath | undefined => {
  const alternatives: Step[][] = [[]];
  /** Whether a name may come next; a path begins so, and after a dot it has to. */
  let wants: 'name' | 'step' | 'any' = 'any';
  TOKEN.lastIndex = 0;
  if (text.trim() === '') return undefined;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    const steps = alternatives.at(-1);
    if (!found || !steps || steps.length > MOST_STEPS || alternatives.length > MOST_STEPS) return undefined;
    const [, below, dot, or, index, all, quoted, quoted2, star, name1, name2, name3] = found;
    const bracket = index ?? all ?? quoted ?? quoted2;
    const name = name1 ?? name2 ?? name3;
    if (below !== undefined || dot !== undefined) {
      if (wants === 'name' || (dot !== undefined && steps.length === 0 && wants === 'any')) return undefined;
      if (below !== undefined) steps.push({ kind: 'below' });
      wants = 'name';
    } else if (or !== undefined) {
      if (wants !== 'step') return undefined;
      alternatives.push([]);
      wants = 'any';
    } else if (bracket !== undefined) {
      if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
      else if (all !== undefined) steps.push({ kind: 'every' });
      else steps.push({ kind: 'name', name: bracket });
      wants = 'step';
    } else {
      if (wants === 'step') return undefined;
      if (star !== undefined) steps.push({ kind: 'every' });
      else if (!(name === '$' && steps.length === 0)) steps.push({ kind: 'name', name: name ?? '' });
      wants = 'step';
    }
  }
  return wants === 'step' ? alternatives : undefined;
};

const children = (value: Json): Json[] => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);
const descendants = (from: readonly Json[]): Json[] => {
  const found = [...from];
  for (let i = 0; i < found.length && found.length < MOST_FOUND; i += 1) found.push(...children(found[i] as Json));
  return found.slice(0, MOST_FOUND);
};
const follow = (step: Step, from: readonly Json[]): Json[] => {
  switch (step.kind) {
    case 'name':
      return from.flatMap((one) => (isObject(one) && Object.hasOwn(one, step.name) ? [one[step.name] as Json] : []));
    case 'index':
      return from.flatMap((one) => (Array.isArray(one) && step.index < one.length ? [one[step.index] as Json] : []));
    case 'every':
      return from.flatMap(children).slice(0, MOST_FOUND);
    case 'below':
      return descendants(from);
  }
};
/** What a path finds in a value, in its order. */
export const findByPath = (path: FieldPath, value: Json): Json[] =>
  path.flatMap((steps) => steps.reduce<Json[]>((found, step) => follow(step, found), [value]));
