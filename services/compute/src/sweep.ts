/** One look at the tables; runs alone, on a timer and on a nudge. */
export interface Sweep {
  name: string;
  everySeconds: number;
  work: () => Promise<unknown>;
}
