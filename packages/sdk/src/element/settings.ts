import type { EmotionCam } from '../emotion-cam.js';

/** What a run is started with; another value of any of them starts it anew. */
export type Settings = Pick<
  EmotionCam,
  | ('src' | 'stream' | 'deviceId' | 'facingMode')
  | ('backend' | 'thread' | 'assets' | 'model' | 'maxFaces' | 'smoothing' | 'threshold')
>;

export function settingsOf(element: EmotionCam): Settings {
  const { src, stream, deviceId, facingMode } = element;
  const { backend, thread, assets, model, maxFaces, smoothing, threshold } = element;
  return {
    ...{ src, stream, deviceId, facingMode },
    ...{ backend, thread, assets, model, maxFaces, smoothing, threshold },
  };
}

export function isSame(settings: Settings, element: EmotionCam): boolean {
  return Object.entries(settings).every(
    ([name, value]) => element[name as keyof Settings] === value,
  );
}
