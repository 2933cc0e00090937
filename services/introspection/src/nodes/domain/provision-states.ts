/** The states that nodes have here (contract introspection §11.3). */
export const STATES = {
  enroll: 'enroll',
  verifying: 'verifying',
  manageable: 'manageable',
  available: 'available',
  inspecting: 'inspecting',
  inspectWait: 'inspect wait',
  inspectFailed: 'inspect failed',
  active: 'active',
  rescue: 'rescue',
} as const;
/** The states of the Bare Metal API, which a filter may name. */
export const PROVISION_STATES: readonly string[] = [
  ...Object.values(STATES),
  ...['adopt failed', 'adopting', 'clean failed', 'clean hold', 'clean wait', 'cleaning', 'deploy failed'],
  ...['deploy hold', 'deploying', 'deleted', 'deleting', 'error', 'rebuild', 'rescue failed', 'rescue wait'],
  ...['rescuing', 'service failed', 'service hold', 'service wait', 'servicing', 'unrescue failed', 'unrescuing'],
  'wait call-back',
];
/** In these a node can be removed; in all others only while it is in maintenance. */
export const DELETABLE: readonly string[] = [STATES.available, STATES.enroll, STATES.manageable, 'adopt failed'];
/** While a transition goes on, only in these a node can be changed. */
export const CHANGEABLE: readonly string[] = [
  STATES.inspecting,
  STATES.inspectWait,
  STATES.inspectFailed,
  STATES.verifying,
];
/** A machine that somebody uses: it is neither switched nor are ports taken from it. */
export const IN_USE: readonly string[] = [STATES.active, STATES.rescue];
