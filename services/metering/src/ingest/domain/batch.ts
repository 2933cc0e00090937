import { meteringEvent, type EventResult, type MeteringEvent } from '@nefos/contracts';

export type Verdict = Pick<EventResult, 'status' | 'reason'>;
/** An event of a batch, and what became of it. */
export interface BatchEvent<E extends MeteringEvent = MeteringEvent> {
  event: E;
  verdict: Verdict;
}
/** An element of a batch that is no event. */
export interface InvalidElement {
  event: undefined;
  id: string;
  verdict: Verdict;
}
export const ACCEPTED: Verdict = { status: 'accepted' };
export const DUPLICATE: Verdict = { status: 'duplicate' };
export const refused = (reason: string): Verdict => ({ status: 'refused', reason });

const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(2250, 0, 1);
const idOf = (raw: unknown): string =>
  typeof raw === 'object' && raw !== null && 'id' in raw && typeof raw.id === 'string' ? raw.id.slice(0, 64) : '';

/** One element of a batch, read by itself: a bad one does not keep the others out. */
export const readElement = (raw: unknown): BatchEvent | InvalidElement => {
  const parsed = meteringEvent.safeParse(raw);
  const refuse = (reason: string): InvalidElement => ({ event: undefined, id: idOf(raw), verdict: refused(reason) });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`not an event: ${issue?.path.join('.') || 'it'} is ${issue?.code ?? 'wrong'}`);
  }
  const at = Date.parse(parsed.data.occurred_at);
  if (at < EARLIEST || at >= LATEST) return refuse('occurred_at is out of range');
  return { event: parsed.data, verdict: ACCEPTED };
};
export const isBatchEvent = (one: BatchEvent | InvalidElement): one is BatchEvent => one.event !== undefined;
/** The result of an element, as the sender is answered. */
export const resultOf = (one: BatchEvent | InvalidElement): EventResult => ({
  id: isBatchEvent(one) ? one.event.id : one.id,
  ...one.verdict,
});
