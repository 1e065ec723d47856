/** A function that is called when its result is first asked for, and never again. */
export function once<T>(call: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: call() }).value;
}
