export const VERIFY = 'provisioning.verify';
export const INSPECT = 'provisioning.inspect';
/** At most one job of a kind waits for a node. */
export const keyOf = (task: string, node: string): string => `${task}:${node}`;
