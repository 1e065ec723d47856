import { CHROMIUM_ARGS, ensureChromium } from './chromium.mjs';
import { green, red, say, step } from './log.mjs';
import { listenForComplaints, probe, waitForSightings } from './probe.mjs';

const TIMEOUT_MS = 180_000; // a cold start on a busy single core, with room

/**
 * Loads the demo once in headless Chromium against the recorded clip and says what it sees.
 *
 * @param {string} url of the demo
 * @returns {Promise<number>} exit code: 0, a face and its expression were recognised
 */
export async function checkDemo(url) {
  const executablePath = await ensureChromium();
  step('Loading the page in headless Chromium, with the recorded clip');
  const { chromium } = await import('playwright');
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  const page = await browser.newPage();
  const complaints = listenForComplaints(page);
  try {
    await probe(page);
    await page.goto(`${url}?source=clip`);
    const seen = await waitForSightings(page, { emotions: 3 }, TIMEOUT_MS);
    const failure = seen.find(({ type }) => type === 'error');
    if (failure) return fail(`${failure.message} (${failure.code})`, complaints);
    const { emotion, score, stats, box } = seen.findLast(({ type }) => type === 'emotion');
    say(
      `${green('✓')} face at ${Math.round(box.x)},${Math.round(box.y)} (${Math.round(box.width)}x${Math.round(box.height)} px): ` +
        `${emotion} ${(score * 100).toFixed(0)} %; back end ${stats.backend}, ${Math.round(stats.frameMs)} ms a frame`,
    );
    return 0;
  } catch (error) {
    return fail(error.message.split('\n')[0], complaints);
  } finally {
    await browser.close();
  }
}

/** @param {string} reason @param {readonly string[]} complaints @returns {number} */
function fail(reason, complaints) {
  say(`${red('✗')} The demo recognised no expression: ${reason}`);
  for (const complaint of complaints.slice(0, 10)) say(`    browser: ${complaint}`);
  return 1;
}
