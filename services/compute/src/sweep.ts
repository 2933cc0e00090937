/** Work that is done on a timer, by one process at a time. */
export interface Sweep {
  name: string;
  everySeconds: number;
  work: () => Promise<unknown>;
}
