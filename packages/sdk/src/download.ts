import { concatenate } from './bytes.js';
import { EmotionCamError, type EmotionCamErrorCode } from './errors.js';

/** What became of a request: `missing` has no body, `broken` ended before its body did. */
type Failure = 'missing' | 'broken';

/** How {@link download} loads a file. */
export interface DownloadOptions {
  /** What the file is, for messages: "the face detector". */
  readonly what: string;
  /** Error codes for a file that does not come and for one that breaks off. */
  readonly codes: Readonly<Record<Failure, EmotionCamErrorCode>>;
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes of each piece that arrives. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Loads a file into memory.
 *
 * @throws {EmotionCamError} with one of `options.codes`
 * @throws the signal's reason, if it is aborted
 */
export async function download(
  url: URL,
  { what, codes, signal, onBytes }: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const fail = (failure: Failure, got: string, cause?: unknown): EmotionCamError =>
    new EmotionCamError(
      codes[failure],
      `Loading ${what} from ${url.href}: ${got}, expected the whole file. Check that the file is ` +
        'there, that the server lets this page read it (CORS), and the assets option.',
      { cause },
    );
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (cause) {
    signal?.throwIfAborted();
    throw fail('missing', 'no answer from the server', cause);
  }
  if (!response.ok || !response.body) {
    throw fail('missing', `the server answered ${response.status} ${response.statusText}`.trim());
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      length += value.length;
      onBytes?.(value.length);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw fail('broken', `the connection broke after ${length} bytes`, cause);
  }
  return concatenate(pieces);
}
