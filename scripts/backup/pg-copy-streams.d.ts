// What is used of pg-copy-streams, which has no types of its own.
declare module 'pg-copy-streams' {
  import type { Submittable } from 'pg';
  import type { Readable, Writable } from 'node:stream';
  const copy: {
    /** The rows of `copy ... to stdout`; `rowCount` is known at its end. */
    to(text: string): Readable & Submittable & { rowCount: number };
    /** Takes the rows of `copy ... from stdin`. */
    from(text: string): Writable & Submittable;
  };
  export default copy;
}
