/** @returns the choice that was wanted; undefined: it is none of them */
export function oneOf<T extends string>(choices: readonly T[], wanted: unknown): T | undefined {
  return choices.find((choice) => choice === wanted);
}
