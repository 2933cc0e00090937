/** One page of a list. */
export interface Page {
  limit: number;
  offset: number;
}
/** The rows of one page, and the number of all rows. */
export interface Listing<T> {
  count: number;
  rows: T[];
}
