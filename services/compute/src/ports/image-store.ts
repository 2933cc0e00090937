import type { Readable } from 'node:stream';

/** What was kept. Digests are in hexadecimal digits. */
export interface KeptData {
  /** Bytes. */
  size: number;
  sha256: string;
  sha512: string;
}
/** A part of data: its first byte and its last one, from 0 on. */
export interface BytePart {
  start: number;
  end: number;
}
/** Chooses a part by the size of the whole; undefined: all of it. It may throw. */
export type ChoosePart = (size: number) => BytePart | undefined;
/**
 * Where the data of images is. An id names one piece of data, which is never changed: it is there whole, or not at all.
 * The implementation may be called again with an id at any time, also after the process died in the middle of a call.
 */
export interface ImageStore {
  /**
   * Keeps the parts as the data with this id; on stable storage when the promise resolves.
   * @param limit bytes at most
   * @throws Fault too_large, capacity/image.no_space, conflict/image.gone when it was removed meanwhile; what `parts`
   * throws. Nothing is kept then
   */
  write(id: string, parts: AsyncIterable<Buffer>, limit: number): Promise<KeptData>;
  /**
   * The data, or a part of it; null: there is none. The caller reads the stream to its end or destroys it.
   * @throws what `choose` throws
   */
  open(id: string, choose?: ChoosePart): Promise<{ size: number; part: BytePart | undefined; stream: Readable } | null>;
  /** Takes the data away, and what an unfinished `write` left; succeeds when there is none. */
  remove(id: string): Promise<void>;
  /** Where a program on this machine can read the data; null: it can not. */
  pathOf(id: string): string | null;
}
