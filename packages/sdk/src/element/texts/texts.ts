import type { BrowserFamily } from '../../browser.js';
import type { CameraErrorCode } from '../../camera.js';
import type { Emotion } from '../../network/emotions.js';

/** Where a person unblocks the camera, which differs from browser to browser. */
export type AllowCamera = Readonly<Record<BrowserFamily, string>>;

/** Errors that people can do something about; of the others the page's author is told. */
export type ExplainedError =
  | Exclude<CameraErrorCode, 'camera-denied'>
  | 'stream-ended'
  | 'video-unplayable'
  | 'asset-unreachable'
  | 'backend-unavailable';

/** Everything that `<emotion-cam>` says, in one language. */
export interface Texts {
  /** Of the whole element, for screen readers. */
  readonly name: string;
  readonly emotions: Readonly<Record<Emotion, string>>;
  /** In place of an expression that is not certain, read out. */
  readonly unclear: string;
  /** Above the bars while there is nothing to show. */
  readonly expression: string;
  readonly noFace: string;
  readonly noFaceInView: string;
  /** Of the list of bars, for screen readers. */
  readonly scores: string;

  readonly cameraPicture: string;
  readonly video: string;
  readonly startCamera: string;
  readonly playVideo: string;
  readonly paused: string;
  readonly waitingForCamera: string;
  readonly loadingModel: string;
  readonly cameraOn: string;
  readonly stop: string;

  readonly consentTitle: string;
  /** What happens and what does not, a sentence each. */
  readonly consent: readonly string[];
  readonly agree: string;
  readonly decline: string;

  readonly retry: string;
  readonly errors: Readonly<Record<ExplainedError, string>>;
  readonly allowCamera: AllowCamera;
  /** Before the message of any other error, which is English. */
  readonly otherError: string;
}
