import { notFound } from '../../access/domain/errors.js';

/** The one thing of this id in a list that is in memory. @throws not_found `code` */
export const one = <T extends { id: string }>(all: readonly T[], id: string, code: string): T => {
  const found = all.find((x) => x.id === id);
  if (!found) throw notFound(code);
  return found;
};
