import { EmotionCamError, type EmotionCamErrorCode } from './errors.js';
import { isInAppBrowser } from './browser.js';

/** Which camera is opened. */
export interface CameraOptions {
  /** Of `MediaDeviceInfo`: this camera or none. Empty: the browser's or the person's choice. */
  readonly deviceId?: string | undefined;
  /** A wish; of no effect beside `deviceId`. Default: `'user'`. */
  readonly facingMode?: 'user' | 'environment' | undefined;
}

/** Wishes, so that every camera can meet them. */
const SIZE = { width: { ideal: 640 }, height: { ideal: 480 } } as const;

/** Error codes that say why a camera did not open. */
export type CameraErrorCode = Extract<EmotionCamErrorCode, `camera-${string}`>;

/** DOMException names of getUserMedia: https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia */
const CODES: Readonly<Record<string, CameraErrorCode>> = {
  NotAllowedError: 'camera-denied',
  SecurityError: 'camera-denied',
  NotFoundError: 'camera-not-found',
  OverconstrainedError: 'camera-constraints',
  NotReadableError: 'camera-in-use',
  AbortError: 'camera-in-use', // Firefox: "Starting videoinput failed"
  NotSupportedError: 'camera-unsupported',
};

/** For programmers and logs; the element says it to people in their language. */
const SENTENCES: Readonly<Record<CameraErrorCode, string>> = {
  'camera-denied':
    "The camera is blocked. Allow it for this page in the browser's address bar (and in the system's privacy settings), then try again.",
  'camera-dismissed':
    'The question for the camera was closed without an answer. Start again and allow it.',
  'camera-blocked-by-policy':
    'The page around this one does not pass the camera on. Add allow="camera" to the <iframe>, or remove the Permissions-Policy header that forbids it.',
  'camera-blocked-by-system':
    "The system does not give the camera to this browser. Allow it in the system's privacy settings, then try again.",
  'camera-not-found': 'There is no camera. Connect one, or switch it on, then try again.',
  'camera-in-use':
    'The camera does not start; another program may be using it. Close programs that use the camera, then try again.',
  'camera-constraints':
    'There is no such camera: the deviceId is of one that is not connected, or of another site. Take one from enumerateDevices() of this page.',
  'camera-insecure-page':
    'Browsers give a camera to secure pages only. Open this page over https:// or on localhost.',
  'camera-in-app-browser':
    'This app shows pages without a camera. Open the page in a browser such as Safari or Chrome.',
  'camera-unsupported':
    'This browser gives pages no camera. Use a current Chrome, Edge, Firefox or Safari.',
  'camera-failed':
    'The camera could not be opened. Reconnect it or restart the browser, then try again.',
};

/**
 * Opens a camera at about 640x480, by default the one that faces the user. The browser asks for
 * permission the first time. Whoever opens it stops its tracks; see `stopTracks`.
 *
 * @param options.signal gives up: a camera that opens afterwards is closed at once
 * @throws EmotionCamError `camera-…`, with a sentence that says what to do
 */
export async function openCamera({
  deviceId = '',
  facingMode = 'user',
  signal,
}: CameraOptions & { signal?: AbortSignal } = {}): Promise<MediaStream> {
  if (!isSecureContext) throw cameraError('camera-insecure-page');
  // Not in every browser, whatever the DOM's types say: web views leave it out.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (typeof devices?.getUserMedia !== 'function') {
    throw cameraError(isInAppBrowser() ? 'camera-in-app-browser' : 'camera-unsupported');
  }

  const which =
    deviceId === '' ? { facingMode: { ideal: facingMode } } : { deviceId: { exact: deviceId } };
  let stream: MediaStream;
  try {
    stream = await devices.getUserMedia({ audio: false, video: { ...which, ...SIZE } });
  } catch (cause) {
    throw cameraError(causeOf(cause), { cause });
  }
  if (signal?.aborted) {
    stopTracks(stream);
    signal.throwIfAborted();
  }
  return stream;
}

/** Ends every track, which switches the camera off. */
export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function causeOf(cause: unknown): CameraErrorCode {
  if (!(cause instanceof Error)) return 'camera-failed';
  const code = CODES[cause.name] ?? 'camera-failed';
  return code === 'camera-denied' ? whoDenied(cause.message) : code;
}

/** Chromium alone says it in the message: `PermissionDeniedReason` of its media_stream_manager. */
function whoDenied(message: string): CameraErrorCode {
  if (isBlockedByPolicy()) return 'camera-blocked-by-policy';
  if (/dismissed/i.test(message)) return 'camera-dismissed';
  if (/by system/i.test(message)) return 'camera-blocked-by-system';
  return isInAppBrowser() ? 'camera-in-app-browser' : 'camera-denied';
}

function cameraError(code: CameraErrorCode, options?: ErrorOptions): EmotionCamError {
  return new EmotionCamError(code, SENTENCES[code], options);
}

/** Chromium only, still under its old name: https://github.com/w3c/webappsec-permissions-policy/issues/418 */
function isBlockedByPolicy(): boolean {
  const { featurePolicy } = document as Document & {
    featurePolicy?: { allowsFeature(name: string): boolean };
  };
  return featurePolicy?.allowsFeature('camera') === false;
}
