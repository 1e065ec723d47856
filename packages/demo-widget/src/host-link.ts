import type { EmotionCam } from 'emotion-cam';
import { isHostMessage, type EmbedMessage } from './widget-messages.js';
import { watchState } from './watch-state.js';

/** The part of a message that says something; the version is added here. */
type Content = EmbedMessage extends infer M
  ? M extends unknown
    ? Omit<M, 'emotionCam'>
    : never
  : never;

/**
 * Tells the page around this frame what the element sees, and does what it asks for.
 *
 * @param origin - of that page. The browser gives messages to no other, and none are taken from another
 */
export function linkToHost(cam: EmotionCam, origin: string): void {
  const tell = (content: Content): void => {
    parent.postMessage({ emotionCam: 1, ...content }, origin);
  };
  const epochMs = (timestampMs: number): number => performance.timeOrigin + timestampMs;

  watchState(cam, (state) => {
    tell({ type: 'state', state });
  });
  cam.addEventListener('ready', ({ backend }) => {
    tell({ type: 'ready', backend: backend.name });
  });
  cam.addEventListener('emotion', ({ result }) => {
    const faces = result.faces.map(({ id, emotion, isUncertain, scores }) => ({
      ...{ id, emotion, isUncertain, scores },
    }));
    tell({ type: 'emotion', epochMs: epochMs(result.timestampMs), faces });
  });
  cam.addEventListener('face-lost', ({ faceId, timestampMs }) => {
    tell({ type: 'face-lost', epochMs: epochMs(timestampMs), faceId });
  });
  cam.addEventListener('error', ({ error: { code, message } }) => {
    tell({ type: 'error', code, message });
  });

  addEventListener('message', ({ data, source, origin: from }: MessageEvent<unknown>) => {
    if (source !== parent || from !== origin || !isHostMessage(data)) return;
    if (data.type === 'start')
      cam.start().catch(() => undefined); // the element says what failed
    else cam.stop();
  });
}
