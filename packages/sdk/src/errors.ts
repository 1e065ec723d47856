/** Every error code of the SDK. Programs switch on these; people read the message. */
export type EmotionCamErrorCode =
  // camera and video
  | 'camera-denied'
  | 'camera-dismissed'
  | 'camera-blocked-by-policy'
  | 'camera-blocked-by-system'
  | 'camera-not-found'
  | 'camera-in-use'
  | 'camera-constraints'
  | 'camera-insecure-page'
  | 'camera-in-app-browser'
  | 'camera-unsupported'
  | 'camera-failed'
  | 'video-unplayable'
  | 'stream-ended'
  | 'consent-declined'
  // calls
  | 'option-invalid'
  | 'not-running'
  | 'calibration-failed'
  | 'face-unknown'
  // frames
  | 'frame-empty'
  | 'frame-unreadable'
  | 'frame-dropped'
  // recorded videos
  | 'video-unreachable'
  | 'video-empty'
  | 'video-without-picture'
  | 'video-unreadable'
  // assets
  | 'asset-unreachable'
  | 'asset-hash'
  | 'face-model-failed'
  // model files
  | 'manifest-missing'
  | 'manifest-invalid'
  | 'manifest-version'
  | 'weights-missing'
  | 'weights-truncated'
  | 'weights-hash'
  // run time
  | 'backend-unavailable'
  | 'worker-unavailable'
  | 'recognizer-failed'
  | 'recognizer-disposed'
  | 'internal';

/**
 * An error of the SDK. The message says what was got, what was expected and what to do.
 */
export class EmotionCamError extends Error {
  override readonly name = 'EmotionCamError';
  /** What kind of error it is, for programs. */
  readonly code: EmotionCamErrorCode;

  constructor(code: EmotionCamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
