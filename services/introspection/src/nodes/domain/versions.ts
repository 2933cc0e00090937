import { Fault } from '@nefos/service-kit';

/** What is there from a microversion on only. @throws Fault not_acceptable version.old */
export const demandSince = (version: number, since: number): void => {
  if (version < since) throw new Fault('not_acceptable', 'version.old', { since: `1.${since}` });
};
/** What older versions do not know at all. @throws Fault not_found path */
export const absentBefore = (version: number, since: number): void => {
  if (version < since) throw new Fault('not_found', 'path');
};
