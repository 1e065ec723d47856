/**
 * Tells the test what was seen, and goes on to the page that it answers with.
 *
 * @param {string} name of the page
 * @param {unknown} report
 */
export async function tell(name, report) {
  const answer = await fetch(`/report/${name}`, { method: 'POST', body: JSON.stringify(report) });
  const next = await answer.text();
  if (next !== '') location.replace(next);
}

/** @param {EventTarget} target @param {string} type */
export function once(target, type) {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

/** Resolves when it holds; looks again with every picture of the screen. @param {() => unknown} condition */
export async function until(condition) {
  while (!condition()) await new Promise(requestAnimationFrame);
}
