/** One page of a listing and the number of all its rows. */
export interface Page {
  limit: number;
  offset: number;
}
export interface Listing<T> {
  count: number;
  rows: T[];
}
