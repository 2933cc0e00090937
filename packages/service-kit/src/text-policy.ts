import { badText, badTextSentence, ExactNumber } from '@nefos/contracts';
import { Fault } from './fault.js';

interface Place {
  key: PropertyKey;
  parent: Place | undefined;
}
const pathOf = (place: Place | undefined): PropertyKey[] => {
  const path: PropertyKey[] = [];
  for (let at = place; at; at = at.parent) path.unshift(at.key);
  return path;
};

/**
 * Refuses text that PostgreSQL can not store: NUL, and halves of surrogate pairs, in values and in names, at any
 * depth. The issue names the first place. Not recursive, so deep values do not exhaust the stack.
 * @throws Fault invalid/`code`
 */
export const demandText = (value: unknown, code: string): void => {
  const todo: [unknown, Place | undefined][] = [[value, undefined]];
  const judge = (text: string, place: Place | undefined): void => {
    const kind = badText(text);
    if (kind === undefined) return;
    throw new Fault('invalid', code, {
      issues: [{ path: pathOf(place), rule: 'text', values: { text: badTextSentence(text), kind } }],
    });
  };
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [one, place] = next;
    if (typeof one === 'string') judge(one, place);
    else if (Array.isArray(one))
      for (let i = one.length - 1; i >= 0; i -= 1) todo.push([one[i], { key: i, parent: place }]);
    else if (typeof one === 'object' && one !== null && !(one instanceof ExactNumber))
      for (const [key, member] of Object.entries(one)) {
        judge(key, place); // a bad name is reported at the object that has it
        todo.push([member, { key, parent: place }]);
      }
  }
};
