/** The drivers of the regions. */
export type Drivers = Record<string, never>;
export const createDrivers = (): Drivers => ({});
