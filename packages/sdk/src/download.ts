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
  /**
   * Called with the number of bytes of each piece that arrives; with a negative one where pieces are
   * thrown away because the file is loaded anew.
   */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Waits before the second try, the third, … After the last one the download fails. */
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000];

/** Answers of servers that are overloaded or restart: worth another try. */
const PASSING_STATUS: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Why one try did not bring the whole file. */
class Interruption extends Error {
  readonly failure: Failure;
  /** It may be over at the next try. */
  readonly isPassing: boolean;

  constructor(
    failure: Failure,
    message: string,
    { cause, isPassing = true }: { cause?: unknown; isPassing?: boolean } = {},
  ) {
    super(message, { cause });
    this.failure = failure;
    this.isPassing = isPassing;
  }
}

/**
 * Loads a file into memory. Where the connection is lost it tries again after half a second, then one,
 * two and four, or as soon as the browser is online again, and goes on where it stopped if the server
 * can do that.
 *
 * @throws {EmotionCamError} with one of `options.codes`
 * @throws the signal's reason, if it is aborted
 */
export async function download(
  url: URL,
  options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { what, codes, signal } = options;
  const file = new PartialFile(url, options);
  for (let tries = 1; ; tries++) {
    try {
      await file.load();
      return file.bytes;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      const delayMs = RETRY_DELAYS_MS[tries - 1];
      if (error.isPassing && delayMs !== undefined) {
        await pause(delayMs, signal);
        continue;
      }
      const triedOften = tries > 1 ? ` at the last of ${tries} tries` : '';
      throw new EmotionCamError(
        codes[error.failure],
        `Loading ${what} from ${url.href}: ${error.message}${triedOften}, expected the whole file. ` +
          'Check that the file is there, that the server lets this page read it (CORS), and the ' +
          'assets option.',
        { cause: error.cause },
      );
    }
  }
}

/** A file of which a part has arrived. */
class PartialFile {
  readonly #url: URL;
  readonly #options: Pick<DownloadOptions, 'signal' | 'onBytes'>;
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** Of the answer that the part is from: another answer with it is of the same file. */
  #etag: string | null = null;

  constructor(url: URL, options: Pick<DownloadOptions, 'signal' | 'onBytes'>) {
    this.#url = url;
    this.#options = options;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return concatenate(this.#pieces);
  }

  /**
   * Loads what is missing, once.
   *
   * @throws {Interruption}
   * @throws the signal's reason, if it is aborted
   */
  async load(): Promise<void> {
    const { signal, onBytes } = this.#options;
    const canGoOn = this.#length > 0 && this.#etag !== null;
    const headers = canGoOn ? { Range: `bytes=${this.#length}-` } : {};
    let response: Response;
    try {
      response = await fetch(this.#url, { headers, ...(signal && { signal }) });
    } catch (cause) {
      throw new Interruption('missing', 'no answer from the server', { cause });
    }
    const { ok, status, statusText, body } = response;
    if (!ok || !body) {
      const isRangeRefused = canGoOn && status === 416;
      if (isRangeRefused) this.#startOver(null);
      throw new Interruption('missing', `the server answered ${status} ${statusText}`.trim(), {
        isPassing: isRangeRefused || PASSING_STATUS.includes(status),
      });
    }
    const etag = strongEtag(response);
    if (status !== 206) {
      this.#startOver(etag);
    } else if (etag !== this.#etag) {
      this.#startOver(null);
      throw new Interruption('broken', 'the file changed while it was loaded');
    }
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        this.#pieces.push(value);
        this.#length += value.length;
        onBytes?.(value.length);
      }
    } catch (cause) {
      throw new Interruption('broken', `the connection broke after ${this.#length} bytes`, {
        cause,
      });
    }
  }

  #startOver(etag: string | null): void {
    if (this.#length > 0) this.#options.onBytes?.(-this.#length);
    this.#pieces = [];
    this.#length = 0;
    this.#etag = etag;
  }
}

/**
 * The mark by which two answers are known to be of the same bytes; none where they may differ all the
 * same: weak ones, and bodies that the server compresses as it sends them, whose ranges are other bytes.
 */
function strongEtag({ headers }: Response): string | null {
  const etag = headers.get('ETag');
  return etag?.startsWith('W/') || headers.has('Content-Encoding') ? null : etag;
}

/**
 * Waits so long, or until the browser is online again.
 *
 * @throws the signal's reason, if it is aborted meanwhile
 */
async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  const done = new AbortController();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    done.signal.addEventListener('abort', () => clearTimeout(timer));
    const finish = (): void => resolve();
    globalThis.addEventListener('online', finish, { signal: done.signal });
    signal?.addEventListener('abort', finish, { signal: done.signal });
  });
  done.abort();
  signal?.throwIfAborted();
}
