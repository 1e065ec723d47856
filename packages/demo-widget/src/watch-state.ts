import type { EmotionCam, EmotionCamState } from 'emotion-cam';

/** Tells the state of the element, now and whenever it has another; the element has no event for it. */
export function watchState(cam: EmotionCam, onState: (state: EmotionCamState) => void): void {
  onState(cam.state);
  new MutationObserver(() => {
    onState(cam.state);
  }).observe(cam, { attributeFilter: ['state'] });
}
