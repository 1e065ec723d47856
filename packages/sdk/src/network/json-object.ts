/** A field of a JSON document is not what it must be. */
export class JsonFieldError extends Error {
  override readonly name = 'JsonFieldError';
  /** Where in the document, as in `variants.uint8.tensors[3].shape`. */
  readonly path: string;

  constructor(path: string, got: unknown, expected: string) {
    super(`"${path}" is ${shown(got)}, expected ${expected}`);
    this.path = path;
  }
}

/** The value as JSON, cut where it is long; `undefined` is a missing field. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/**
 * Reads the fields of a JSON object that may hold anything.
 *
 * @throws {JsonFieldError} from every method, naming the field, what it is and what was expected
 */
export class JsonObject {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @param path - where the object lies in its document; `''` for the document itself */
  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new JsonFieldError(path || '(document)', value, 'an object');
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  /** The path of a field, for errors. */
  path(name: string): string {
    return this.#path ? `${this.#path}.${name}` : name;
  }

  /** The field if `isValid` says so. */
  check<T>(name: string, isValid: (value: unknown) => value is T, expected: string): T {
    const value = this.#fields[name];
    if (!isValid(value)) throw new JsonFieldError(this.path(name), value, expected);
    return value;
  }

  /** A string; `pattern` limits it and `expected` says how. */
  string(
    name: string,
    pattern: RegExp = /./,
    expected: string = 'a string that is not empty',
  ): string {
    return this.check(
      name,
      (value): value is string => typeof value === 'string' && pattern.test(value),
      expected,
    );
  }

  oneOf<const T extends string | number>(name: string, values: readonly T[]): T {
    return this.check(
      name,
      (value): value is T => (values as readonly unknown[]).includes(value),
      values.map((value) => JSON.stringify(value)).join(' or '),
    );
  }

  /** A finite number of at least `minimum`. */
  number(name: string, minimum: number = -Infinity): number {
    return this.check(
      name,
      (value): value is number => Number.isFinite(value) && (value as number) >= minimum,
      minimum === -Infinity ? 'a number' : `a number of at least ${minimum}`,
    );
  }

  /** A finite number above 0. */
  positive(name: string): number {
    return this.check(
      name,
      (value): value is number => Number.isFinite(value) && (value as number) > 0,
      'a number above 0',
    );
  }

  /** A whole number of at least `minimum`. */
  integer(name: string, minimum: number): number {
    return this.check(
      name,
      (value): value is number => Number.isSafeInteger(value) && (value as number) >= minimum,
      `a whole number of at least ${minimum}`,
    );
  }

  /** A list of finite numbers, of `length` where that is given. */
  numbers(name: string, length?: number): readonly number[] {
    return this.check(
      name,
      (value): value is readonly number[] =>
        Array.isArray(value) &&
        (length === undefined || value.length === length) &&
        value.every((item) => Number.isFinite(item)),
      length === undefined ? 'a list of numbers' : `a list of ${length} numbers`,
    );
  }

  /** A list of whole numbers of at least 1, not empty. */
  sizes(name: string): readonly number[] {
    return this.check(
      name,
      (value): value is readonly number[] =>
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((item) => Number.isSafeInteger(item) && (item as number) >= 1),
      'a list of whole numbers of at least 1',
    );
  }

  object(name: string): JsonObject {
    return new JsonObject(this.#fields[name], this.path(name));
  }

  /** A list of objects, not empty. */
  objects(name: string): JsonObject[] {
    const list = this.check(
      name,
      (value): value is unknown[] => Array.isArray(value) && value.length > 0,
      'a list that is not empty',
    );
    return list.map((item, index) => new JsonObject(item, `${this.path(name)}[${index}]`));
  }

  /** An object that is kept as it is. */
  record(name: string): Readonly<Record<string, unknown>> {
    return this.object(name).#fields;
  }
}
