/** A node has no more. */
export const MOST_TRAITS = 50;
const CUSTOM = /^CUSTOM_[A-Z0-9_]{1,248}$/;
/** The families of the standard traits. */
const STANDARD = /^(?:COMPUTE|HW|MISC|OWNER|STORAGE)_[A-Z0-9_]{1,240}$/;
/** Whether it is a name of a trait: a standard one, or one's own, which begins with `CUSTOM_` (contract §8.4). */
export const isTrait = (name: string): boolean => CUSTOM.test(name) || STANDARD.test(name);
