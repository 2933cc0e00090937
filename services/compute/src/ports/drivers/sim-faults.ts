/** Faults that a machine's name or tags ask the simulator for (contract compute §11.3). */
export interface SimFaults {
  /** Call to how often it fails; Infinity: always. */
  fail: ReadonlyMap<string, number>;
  noCapacity: boolean;
  /** The guest does not shut down when it is asked to. */
  ignoresAcpi: boolean;
  /** Instead of the configured latency. */
  delayMs: number | null;
  crashAfterSeconds: number | null;
}
const FAULT =
  /sim:(fail|no-capacity|delay_ms|guest-ignores-acpi|crash-after_s)(?:=([a-z]+)(?:@(\d{1,4}))?|=(\d{1,7}))?/g;

/** Reads the faults from a machine's name and tags; other text in them is ignored. */
export const readFaults = (name: string, tags: readonly string[]): SimFaults => {
  const fail = new Map<string, number>();
  let noCapacity = false;
  let ignoresAcpi = false;
  let delayMs: number | null = null;
  let crashAfterSeconds: number | null = null;
  for (const text of [name, ...tags])
    for (const [, fault, call, times, number] of text.matchAll(FAULT)) {
      if (fault === 'fail' && call) fail.set(call, times === undefined ? Infinity : Number(times));
      if (fault === 'no-capacity') noCapacity = true;
      if (fault === 'guest-ignores-acpi') ignoresAcpi = true;
      if (fault === 'delay_ms' && number) delayMs = Number(number);
      if (fault === 'crash-after_s' && number) crashAfterSeconds = Number(number);
    }
  return { fail, noCapacity, ignoresAcpi, delayMs, crashAfterSeconds };
};
