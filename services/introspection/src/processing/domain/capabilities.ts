/** Capabilities of a machine, as its property writes them: `boot_mode:uefi,cpu_vt:true`. */
export const parseCapabilities = (text: unknown): Map<string, string> => {
  const found = new Map<string, string>();
  if (typeof text !== 'string') return found;
  for (const one of text.split(',')) {
    const [name = '', ...value] = one.split(':');
    if (name.trim() !== '') found.set(name.trim(), value.join(':').trim());
  }
  return found;
};
export const formatCapabilities = (all: ReadonlyMap<string, string>): string =>
  [...all].map(([name, value]) => `${name}:${value}`).join(',');
/** Whether it can be the value of one: a comma would begin another. */
export const isCapabilityValue = (value: string): boolean => value.length <= 255 && !/[,\0]/.test(value);
