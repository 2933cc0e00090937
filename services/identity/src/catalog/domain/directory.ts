import type { Component } from '../store/catalog.js';

/** A service with its endpoints; addresses are absolute. `uiUrl` is the endpoint's own, else the component's. */
export interface CatalogService {
  id: number;
  name: string;
  type: string;
  endpoints: { id: number; uiUrl: string; data: Record<string, string> }[];
}
/** What rarely changes and is needed by every answer: the catalog, components, groups by id. */
export interface DirectoryData {
  services: readonly CatalogService[];
  components: readonly Component[];
  groups: ReadonlyMap<number, string>;
  /** What others made of this data, e.g. rendered text; lives as long as the data. */ derived: Map<string, unknown>;
}
export interface Directory {
  peek(): DirectoryData | undefined;
  get(): Promise<DirectoryData>;
  forget(): void;
}
