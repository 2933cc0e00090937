/** One refusal in this service's words: its `X-Error-Code` (contract compute §1.3) and its sentence. */
export interface Wording {
  readonly code: string;
  // What the sentence names is checked where the refusal is thrown; see `refusals.ts`.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly text: string | ((values: any) => string);
}
/** Refusals by the code with which the domain throws them. */
export type Words = Readonly<Record<string, Wording>>;
