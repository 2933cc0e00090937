const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value of one TLV of LLDP, read octet by octet. A read beyond the end throws: such a TLV is skipped. */
export class TlvReader {
  readonly #bytes: Buffer;
  #at = 0;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  #take(count: number): Buffer {
    if (this.left < count) throw new RangeError('the TLV is too short');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
  byte(): number {
    return this.#take(1).readUInt8();
  }
  word(): number {
    return this.#take(2).readUInt16BE();
  }
  long(): number {
    return this.#take(4).readUInt32BE();
  }
  bytes(count = this.left): Buffer {
    return this.#take(count);
  }
  hex(count = this.left): string {
    return this.#take(count).toString('hex');
  }
  /** @throws TypeError when it is no UTF-8 */
  text(count = this.left): string {
    return UTF8.decode(this.#take(count));
  }
  mac(): string {
    return this.hex(6).replace(/..(?=.)/g, '$&:');
  }
}
