import type {
  BackendName,
  Emotion,
  EmotionCamErrorCode,
  EmotionCamState,
  Scores,
} from 'emotion-cam';

/**
 * What `embed.html` in an `<iframe>` and the page around it say to each other with `postMessage`. Every
 * message is an object with `emotionCam: 1`, the version, and a `type`.
 */

/** A face in a message: no picture, and no place in one. */
export interface EmbeddedFace {
  /** The same as long as the face is followed. */
  readonly id: number;
  readonly emotion: Emotion;
  readonly isUncertain: boolean;
  /** 0 … 1 each, 1 together. */
  readonly scores: Scores;
}

type Version = { readonly emotionCam: 1 };

/** From the frame to the page around it. */
export type EmbedMessage = Version &
  (
    | { readonly type: 'state'; readonly state: EmotionCamState }
    | { readonly type: 'ready'; readonly backend: BackendName }
    | {
        readonly type: 'emotion';
        /** When the frame was shown, milliseconds since 1970: two pages have two clocks. */
        readonly epochMs: number;
        /** The largest first. */
        readonly faces: readonly EmbeddedFace[];
      }
    | { readonly type: 'face-lost'; readonly epochMs: number; readonly faceId: number }
    | { readonly type: 'error'; readonly code: EmotionCamErrorCode; readonly message: string }
  );

const COMMANDS = ['start', 'stop'] as const;

/** From the page around to the frame. */
export type HostMessage = Version & { readonly type: (typeof COMMANDS)[number] };

/** Origins are checked by whoever listens; this checks the form alone. */
export function isHostMessage(data: unknown): data is HostMessage {
  return hasVersion(data) && COMMANDS.some((command) => command === data.type);
}

/** @returns whether it is of this version; its origin has been checked before */
export function isEmbedMessage(data: unknown): data is EmbedMessage {
  return hasVersion(data) && typeof data.type === 'string';
}

function hasVersion(data: unknown): data is { emotionCam: 1; type?: unknown } {
  return typeof data === 'object' && data !== null && 'emotionCam' in data && data.emotionCam === 1;
}
