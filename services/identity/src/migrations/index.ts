import type { MigrationClass } from '@nefos/service-kit';
import { CreateIdentity1763700000000 } from './1763700000000-create-identity.js';
import { ComponentRights1763700010000 } from './1763700010000-component-rights.js';
import { DerivedTokens1764100000000 } from './1764100000000-derived-tokens.js';
import { TokensOfAccount1764200000000 } from './1764200000000-tokens-of-account.js';
import { BootstrapOnce1764300000000 } from './1764300000000-bootstrap-once.js';
import { Terms1764300001000 } from './1764300001000-terms.js';
import { ListsByFilter1764310000000 } from './1764310000000-lists-by-filter.js';
import { MintedTokens1764400000000 } from './1764400000000-minted-tokens.js';
import { AuditLists1764410000000 } from './1764410000000-audit-lists.js';
import { ProjectStart1764500000000 } from './1764500000000-project-start.js';
import { DocumentServices1764908000000 } from './1764908000000-document-services.js';
import { ComponentProjects1764900000000 } from './1764900000000-component-projects.js';

export const migrations: MigrationClass[] = [
  CreateIdentity1763700000000,
  ComponentRights1763700010000,
  DerivedTokens1764100000000,
  TokensOfAccount1764200000000,
  BootstrapOnce1764300000000,
  Terms1764300001000,
  ListsByFilter1764310000000,
  MintedTokens1764400000000,
  AuditLists1764410000000,
  ProjectStart1764500000000,
  ComponentProjects1764900000000,
  DocumentServices1764908000000,
];
