/** Stands in for what a test cannot have: cameras that fail, pages that may not use them. */

const undo: (() => void)[] = [];

/** Shadows a property of the platform until `restoreProperties`. */
export function replaceProperty(target: object, name: string, value: unknown): void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { configurable: true, writable: true, value });
  undo.push(() => {
    if (own) Object.defineProperty(target, name, own);
    else Reflect.deleteProperty(target, name);
  });
}

export function restoreProperties(): void {
  while (undo.length > 0) undo.pop()?.();
}

/** Makes getUserMedia fail as browsers do. @returns the exception it rejects with */
export function cameraThatFails(name: string, message = 'The test says so.'): DOMException {
  const cause = new DOMException(message, name);
  replaceProperty(navigator.mediaDevices, 'getUserMedia', () => Promise.reject(cause));
  return cause;
}
