/** Hashes and verifies passwords and secrets. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /**
   * Compares a password with a stored hash. A missing hash takes the same time and is wrong.
   * @returns `newHash`: a new hash to store, when the stored one has weaker parameters than those of today
   */
  verify(stored: string | null | undefined, password: string): Promise<{ matches: boolean; newHash?: string }>;
}
