/**
 * An element that the page's HTML has.
 *
 * @throws {Error} the page and its script do not belong together
 */
export function pageElement<T extends HTMLElement>(selector: string, type: new () => T): T {
  const found = document.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`${location.pathname} has no ${type.name} that matches ${selector}.`);
}
