/** The key of a fault by its status, as Nova and Cinder have it (contract compute §12.2, the row "Faults"). */
const FAULT_KEYS: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};
export const faultKey = (status: number): string => FAULT_KEYS[status] ?? 'computeFault';
