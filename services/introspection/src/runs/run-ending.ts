/** Ends runs of this process in batches, without a job for each. */
export interface RunEnding {
  /** A run whose data are processed and whose machine stays as it is. One that is lost is found by `runs.rescue`. */
  soon(node: string, id: string): void;
  stop(): Promise<void>;
}
