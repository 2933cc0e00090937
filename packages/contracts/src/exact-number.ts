/**
 * A JSON number that a double does not hold exactly, as text: a whole number beyond 2^53, a fraction with too many
 * digits, 1e400. A field reads its digits or refuses it; no field rounds it.
 */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
  toJSON(): string {
    return this.text;
  }
}
