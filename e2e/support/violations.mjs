/**
 * Makes a page write down every breach of its Content-Security-Policy from the first on. Those in workers the
 * browser writes to the console: `listenForComplaints`.
 *
 * @param {import('playwright').Page} page not yet navigated
 */
export async function listenForViolations(page) {
  await page.addInitScript(() => {
    Object.assign(globalThis, { violations: [] });
    document.addEventListener('securitypolicyviolation', (event) => {
      globalThis.violations.push(`${event.effectiveDirective}: ${event.blockedURI}`);
    });
  });
}

/** @param {import('playwright').Page} page @returns {Promise<string[]>} so far */
export function violations(page) {
  return page.evaluate(() => globalThis.violations);
}
