import { openCamera, stopTracks, type CameraOptions } from './camera.js';
import { EmotionCamError } from './errors.js';

/** Where the picture comes from: a recorded video, a stream of the caller's, or else the camera. */
export interface VideoSource extends CameraOptions {
  /** URL of a video; it plays muted and starts over at its end. */
  readonly src?: string | undefined;
  /** Goes before `src`. Its tracks stay the caller's: they are never stopped here. */
  readonly stream?: MediaStream | null | undefined;
}

export interface OpenVideoOptions {
  /** Closes the source: the video is emptied, a camera that was opened here is switched off. */
  readonly signal: AbortSignal;
  /**
   * Called once if the source fails after it was opened: `stream-ended`, `video-unplayable`, `camera-…`
   * where the camera went away and no other could be opened.
   */
  readonly onFailure: (error: EmotionCamError) => void;
}

/** A camera that ends sooner is not opened again: it would end again, as one does that is broken. */
const SHORTEST_CAMERA_MS = 5000;

/**
 * Shows a source in a <video> and starts it.
 *
 * @returns when there is a first picture and it plays
 * @throws EmotionCamError `camera-…`, `stream-ended`, `video-unplayable`
 */
export async function openVideo(
  video: HTMLVideoElement,
  { src, stream, deviceId, facingMode }: VideoSource,
  { signal, onFailure }: OpenVideoOptions,
): Promise<void> {
  signal.throwIfAborted();
  signal.addEventListener('abort', () => {
    empty(video);
  });
  if (stream) {
    showStream(video, stream, { signal, onFailure });
  } else if (src !== undefined && src !== '') {
    video.loop = true;
    video.crossOrigin = 'anonymous'; // pixels of another origin can be read with its consent only
    video.src = src;
  } else {
    await showCamera(video, { deviceId, facingMode }, { signal, onFailure });
  }
  await firstPicture(video, signal);
  await play(video, signal);
  video.addEventListener(
    'error',
    () => {
      onFailure(unplayable(video));
    },
    { signal, once: true },
  );
}

/** Starts the video, muted as browsers demand of a video that no click started. */
export async function play(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  try {
    await video.play();
  } catch (cause) {
    signal.throwIfAborted();
    if (video.paused && cause instanceof DOMException && cause.name === 'AbortError') return; // paused again
    throw new EmotionCamError(
      'video-unplayable',
      'The browser did not start the video by itself. Start it with a click or a tap.',
      { cause },
    );
  }
}

/**
 * Opens the camera and, once it has gone away, another in its place: the next one where it was
 * unplugged, the same one where another program had it for a moment. A camera that is taken away again
 * and again, or that the user has forbidden, is left alone.
 */
async function showCamera(
  video: HTMLVideoElement,
  options: CameraOptions,
  { signal, onFailure }: OpenVideoOptions,
): Promise<void> {
  const camera = await openCamera({ ...options, signal });
  const openedAtMs = performance.now();
  signal.addEventListener('abort', () => {
    stopTracks(camera);
  });
  const reopen = async (ended: EmotionCamError): Promise<void> => {
    const wasShort = performance.now() - openedAtMs < SHORTEST_CAMERA_MS;
    if (wasShort || !(await isCameraAllowed())) throw ended;
    if (signal.aborted) return;
    await showCamera(video, options, { signal, onFailure });
    await play(video, signal);
  };
  const handleEnd = (ended: EmotionCamError): void => {
    reopen(ended).catch((error: unknown) => {
      if (!signal.aborted) onFailure(error as EmotionCamError);
    });
  };
  showStream(video, camera, { signal, onFailure: handleEnd });
}

/** The browser would not ask: somebody who takes a permission back is not to be asked at once. */
async function isCameraAllowed(): Promise<boolean> {
  try {
    const name = 'camera' as PermissionName; // Chromium and Safari know it, TypeScript does not yet
    return (await navigator.permissions.query({ name })).state === 'granted';
  } catch {
    return false; // Firefox does not tell
  }
}

function showStream(
  video: HTMLVideoElement,
  stream: MediaStream,
  { signal, onFailure }: OpenVideoOptions,
): void {
  const tracks = stream.getVideoTracks();
  if (!tracks.some(({ readyState }) => readyState === 'live')) {
    throw new EmotionCamError(
      'stream-ended',
      `The stream has ${tracks.length} video tracks and none of them is live. Give a stream whose camera is on.`,
    );
  }
  for (const track of tracks) {
    track.addEventListener(
      'ended',
      () => {
        if (tracks.some(({ readyState }) => readyState === 'live')) return;
        onFailure(
          new EmotionCamError(
            'stream-ended',
            'The camera stopped: it was unplugged, switched off or taken away from this page. Check it, then start again.',
          ),
        );
      },
      { signal },
    );
  }
  video.srcObject = stream;
}

/** Resolves once the video has a picture to read. */
function firstPicture(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const options = { signal: done.signal };
    const handlePicture = () => {
      done.abort();
      if (video.videoWidth > 0) resolve();
      else reject(unplayable(video));
    };
    const handleError = () => {
      done.abort();
      reject(unplayable(video));
    };
    const handleAbort = () => {
      done.abort();
      reject(signal.reason as Error);
    };
    video.addEventListener('loadeddata', handlePicture, options);
    video.addEventListener('error', handleError, options);
    signal.addEventListener('abort', handleAbort, options);
    if (signal.aborted) handleAbort();
    else if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) handlePicture();
  });
}

function unplayable(video: HTMLVideoElement): EmotionCamError {
  const what = video.srcObject ? 'The stream' : `The video ${video.currentSrc || video.src}`;
  const { error } = video;
  if (!error) {
    return new EmotionCamError(
      'video-unplayable',
      `${what} has sound but no picture. Give one with a video track.`,
    );
  }
  const reason = error.message ? ` (${error.message})` : '';
  return new EmotionCamError('video-unplayable', `${what} ${whatFailed(error)}${reason}.`, {
    cause: error,
  });
}

function whatFailed({ code }: MediaError): string {
  switch (code) {
    case MediaError.MEDIA_ERR_NETWORK:
      return 'broke off while loading. Check the connection, then try again';
    case MediaError.MEDIA_ERR_DECODE:
      return 'is damaged or in a format that this browser cannot decode. Give a WebM or MP4 file';
    default:
      return 'cannot be loaded: not found, not a video that this browser plays, or of another site that does not allow it (CORS). Check its address and format';
  }
}

function empty(video: HTMLVideoElement): void {
  video.pause();
  video.srcObject = null;
  if (video.hasAttribute('src')) {
    video.removeAttribute('src');
    video.load();
  }
}
