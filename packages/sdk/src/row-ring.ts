const FIRST_ROWS = 1024;

/** A queue of rows of numbers in one block of memory, which grows with them up to a limit. */
export class RowRing {
  readonly #columns: number;
  readonly #maxRows: number;
  #numbers: Float64Array;
  #first = 0;
  #length = 0;

  constructor(columns: number, maxRows: number) {
    this.#columns = columns;
    this.#maxRows = maxRows;
    this.#numbers = new Float64Array(columns * Math.min(FIRST_ROWS, maxRows));
  }

  /** Rows in it. */
  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length === this.#maxRows;
  }

  /** @throws {RangeError} where it is full: take the oldest out first */
  push(row: readonly number[]): void {
    if (this.isFull) throw new RangeError(`The ring is full with ${this.#maxRows} rows.`);
    if (this.#length === this.#capacity) this.#grow();
    this.#numbers.set(row, this.#offset(this.#length));
    this.#length += 1;
  }

  /** Takes the oldest row out. */
  shift(): void {
    if (this.#length === 0) return;
    this.#first = (this.#first + 1) % this.#capacity;
    this.#length -= 1;
  }

  /** @param index - from 0 for the oldest; valid until the next change */
  row(index: number): Float64Array {
    const offset = this.#offset(index);
    return this.#numbers.subarray(offset, offset + this.#columns);
  }

  get #capacity(): number {
    return this.#numbers.length / this.#columns;
  }

  #offset(index: number): number {
    return ((this.#first + index) % this.#capacity) * this.#columns;
  }

  #grow(): void {
    const capacity = Math.min(this.#capacity * 2, this.#maxRows);
    const numbers = new Float64Array(capacity * this.#columns);
    for (let i = 0; i < this.#length; i++) numbers.set(this.row(i), i * this.#columns);
    this.#numbers = numbers;
    this.#first = 0;
  }
}
