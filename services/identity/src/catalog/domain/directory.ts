import type { Component } from '../store/components.js';

/** A service with its endpoints; addresses are absolute. `uiUrl` is the endpoint's own, else the component's. */
export interface CatalogService {
  id: number;
  name: string;
  type: string;
  /** Of the guide's catalog; nobody serves it. */
  document: boolean;
  endpoints: { id: number; uiUrl: string; data: Record<string, string> }[];
}
/** Data that rarely changes and that every answer needs: the catalog, components, names of groups by id. */
export interface DirectoryData {
  services: readonly CatalogService[];
  components: readonly Component[];
  groups: ReadonlyMap<number, string>;
  /** Values computed from this data, such as rendered text, by name; they live as long as the data. */
  derived: Map<string, unknown>;
  /** Where the guide's catalog is loaded: what its people are shown, and what is really served. */
  catalogs?: { document: DirectoryData; served: DirectoryData };
}
/** The cached directory of this process. */
export interface Directory {
  /** The cached data; undefined when there is none or it is too old. */
  peek(): DirectoryData | undefined;
  /** The cached data, read from the database when needed. */
  get(): Promise<DirectoryData>;
  /** Drops the cached data. */
  forget(): void;
}
