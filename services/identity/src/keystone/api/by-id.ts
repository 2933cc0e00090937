import { notFound, type AbsentCode } from '../../access/domain/errors.js';

/** The entry of this id in a list that is in memory. @throws not_found `code` */
export const byId = <T extends { id: string }>(entries: readonly T[], id: string, code: AbsentCode): T => {
  const found = entries.find((entry) => entry.id === id);
  if (!found) throw notFound(code);
  return found;
};
