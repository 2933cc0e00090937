/** The one host that serves all drivers, as the Bare Metal API knows it. */
export const CONDUCTOR = 'nefos-introspection';
