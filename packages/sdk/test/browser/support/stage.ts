import type { EmotionCam } from '../../../src/emotion-cam.js';
import { next, type ScriptedCam } from './scripted-cam.js';

/** Resolves when the element has been updated in a state. */
export function inState(cam: EmotionCam, state: EmotionCam['state']): Promise<void> {
  return until(cam, () => cam.state === state);
}

/** Resolves when a condition holds and the element is up to date, looked at with every repaint. */
export async function until(cam: EmotionCam, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    await cam.updateComplete;
  }
  await cam.updateComplete;
}

/** Starts an element and waits for its first result. */
export async function run(cam: ScriptedCam, event = 'emotion'): Promise<void> {
  const result = next(cam, event);
  await cam.start();
  await result;
}

/** The button that has the focus, in the element. */
export function focusedIn(cam: EmotionCam): string | undefined {
  const { activeElement } = cam.renderRoot as ShadowRoot;
  return activeElement?.getAttribute('part') ?? undefined;
}
