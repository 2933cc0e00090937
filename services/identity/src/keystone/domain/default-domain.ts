/** The one domain that there is: all users and projects belong to it (contract identity §12.1). */
export const DOMAIN = { id: 'default', name: 'Default' } as const;
export type DomainRef = { id: string } | { name: string };
/** Names of domains are compared in any case. */
export const isDefaultDomain = (domain: DomainRef): boolean =>
  'id' in domain ? domain.id === DOMAIN.id : domain.name.toLowerCase() === DOMAIN.name.toLowerCase();
/** Whether a filter asks for a domain that does not exist. */
export const isOtherDomain = (id: string | undefined): boolean => id !== undefined && id !== DOMAIN.id;
