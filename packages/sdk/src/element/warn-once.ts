const warned: Set<string> = new Set();

/** Warns in the console, once a page. */
export function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  console.warn(`<emotion-cam> ${message}`);
}
