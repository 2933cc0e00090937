export interface Passwords {
  hash(password: string): Promise<string>;
  /** `rehash`: a new hash to store, when the stored one was made with weaker settings. A missing hash costs the same time and is wrong. */
  verify(stored: string | null | undefined, password: string): Promise<{ right: boolean; rehash?: string }>;
}
