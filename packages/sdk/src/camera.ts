import { EmotionCamError, type EmotionCamErrorCode } from './errors.js';

/** What the element asks of a camera: wishes, so that every camera can meet them. */
const CONSTRAINTS: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: 'user' }, width: { ideal: 640 }, height: { ideal: 480 } },
};

type CameraErrorCode = Extract<EmotionCamErrorCode, `camera-${string}`>;

/** DOMException names of getUserMedia: https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia */
const CODES: Readonly<Record<string, CameraErrorCode>> = {
  NotAllowedError: 'camera-denied',
  SecurityError: 'camera-denied',
  NotFoundError: 'camera-not-found',
  OverconstrainedError: 'camera-not-found',
  NotReadableError: 'camera-in-use',
  AbortError: 'camera-in-use', // Firefox: "Starting videoinput failed"
  NotSupportedError: 'camera-unsupported',
};

const SENTENCES: Readonly<Record<CameraErrorCode, string>> = {
  'camera-denied':
    "The camera is blocked. Allow it for this page in the browser's address bar (and in the system's privacy settings), then try again.",
  'camera-not-found': 'There is no camera. Connect one, or switch it on, then try again.',
  'camera-in-use':
    'The camera does not start; another program may be using it. Close programs that use the camera, then try again.',
  'camera-insecure-page':
    'Browsers give a camera to secure pages only. Open this page over https:// or on localhost.',
  'camera-unsupported':
    'This browser gives pages no camera. Use a current Chrome, Edge, Firefox or Safari.',
  'camera-failed':
    'The camera could not be opened. Reconnect it or restart the browser, then try again.',
};

const BLOCKED_BY_POLICY =
  'The page around this one does not pass the camera on. Add allow="camera" to the <iframe>, or remove the Permissions-Policy header that forbids it.';

/**
 * Opens the camera that faces the user, at about 640x480. The browser asks for permission the first
 * time. Whoever opens it stops its tracks; see `stopTracks`.
 *
 * @param options.signal gives up: a camera that opens afterwards is closed at once
 * @throws EmotionCamError `camera-…`, with a sentence that says what to do
 */
export async function openCamera({ signal }: { signal?: AbortSignal } = {}): Promise<MediaStream> {
  if (!isSecureContext) throw cameraError('camera-insecure-page');
  // Not in every browser, whatever the DOM's types say: web views leave it out.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (typeof devices?.getUserMedia !== 'function') throw cameraError('camera-unsupported');

  let stream: MediaStream;
  try {
    stream = await devices.getUserMedia(CONSTRAINTS);
  } catch (cause) {
    throw toCameraError(cause);
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

function toCameraError(cause: unknown): EmotionCamError {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : '';
  const code = CODES[name] ?? 'camera-failed';
  if (code === 'camera-denied' && isBlockedByPolicy()) {
    return new EmotionCamError(code, BLOCKED_BY_POLICY, { cause });
  }
  return cameraError(code, { cause });
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
