/** What a name or tag asks of the simulator (contract compute §11.3). */
export interface SimFaults {
  /** Call to how often it fails; Infinity: always. */
  fail: ReadonlyMap<string, number>;
  noCapacity: boolean;
  ignoresAcpi: boolean;
  /** Instead of the configured latency. */
  delayMs: number | null;
  crashAfterSeconds: number | null;
}
const WISH =
  /sim:(fail|no-capacity|delay_ms|guest-ignores-acpi|crash-after_s)(?:=([a-z]+)(?:@(\d{1,4}))?|=(\d{1,7}))?/g;

/** Reads the wishes out of a machine's name and tags; anything else in them is passed over. */
export const readFaults = (name: string, tags: readonly string[]): SimFaults => {
  const fail = new Map<string, number>();
  let noCapacity = false;
  let ignoresAcpi = false;
  let delayMs: number | null = null;
  let crashAfterSeconds: number | null = null;
  for (const text of [name, ...tags])
    for (const [, what, call, times, number] of text.matchAll(WISH)) {
      if (what === 'fail' && call) fail.set(call, times === undefined ? Infinity : Number(times));
      if (what === 'no-capacity') noCapacity = true;
      if (what === 'guest-ignores-acpi') ignoresAcpi = true;
      if (what === 'delay_ms' && number) delayMs = Number(number);
      if (what === 'crash-after_s' && number) crashAfterSeconds = Number(number);
    }
  return { fail, noCapacity, ignoresAcpi, delayMs, crashAfterSeconds };
};
