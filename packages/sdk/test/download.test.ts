import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { download } from '../src/download.js';
import { rejectionOf } from './support/failure.js';

const FILE = Uint8Array.from({ length: 100 }, (_, i) => i);
const FORM = { headers: { ETag: '"one"' } };

/** What the server does at one request: an answer, or no answer. */
type Answer = (request: RequestInit) => Response | Promise<Response>;

/** A body that gives some of the file and then breaks off, or ends. */
function body(from: number, to: number, { breaks = false } = {}): ReadableStream {
  return new ReadableStream({
    pull(controller) {
      if (from < to) controller.enqueue(FILE.slice(from, (from = Math.min(from + 10, to))));
      else if (breaks) controller.error(new TypeError('network error'));
      else controller.close();
    },
  });
}

const whole: Answer = () => new Response(body(0, 100), FORM);
const breaksAt =
  (length: number, form: ResponseInit = FORM): Answer =>
  () =>
    new Response(body(0, length, { breaks: true }), form);
const goesOnFrom =
  (start: number, form: ResponseInit = FORM): Answer =>
  () =>
    new Response(body(start, 100), { ...form, status: 206 });
const nothing: Answer = () => Promise.reject(new TypeError('Failed to fetch'));
const says =
  (status: number): Answer =>
  () =>
    new Response('', { status });

describe('download', () => {
  /** Of each request: its Range header. */
  let ranges: (string | null)[];
  let loadedBytes: number[];
  /** Where the browser says that it is online. */
  let page: EventTarget;

  beforeEach(() => {
    vi.useFakeTimers();
    ranges = [];
    loadedBytes = [];
    page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Loads the file from a server that answers so, the last answer again and again. */
  function load(answers: readonly Answer[], signal?: AbortSignal): Promise<Uint8Array> {
    vi.stubGlobal('fetch', (_: URL, request: RequestInit) => {
      ranges.push(new Headers(request.headers).get('Range'));
      const answer = answers[Math.min(ranges.length, answers.length) - 1]!;
      return Promise.resolve(answer(request));
    });
    let loaded = 0;
    const result = download(new URL('https://example.com/file.bin'), {
      what: 'the file',
      codes: { missing: 'weights-missing', broken: 'weights-truncated' },
      onBytes: (bytes) => loadedBytes.push((loaded += bytes)),
      signal,
    });
    result.catch(() => undefined); // handled by the test, later
    return result;
  }

  /** The same, with all waiting done. */
  async function loadAll(answers: readonly Answer[]): Promise<Uint8Array> {
    const result = load(answers);
    await vi.runAllTimersAsync();
    return result;
  }

  it('gives the bytes and counts them as they come', async () => {
    expect(await loadAll([whole])).toEqual(FILE);
    expect(loadedBytes).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  });

  it('goes on where the connection broke', async () => {
    expect(await loadAll([breaksAt(40), goesOnFrom(40)])).toEqual(FILE);
    expect(ranges).toEqual([null, 'bytes=40-']);
    expect(loadedBytes).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  });

  it('keeps what it has while the server is down', async () => {
    expect(await loadAll([breaksAt(40), says(503), nothing, goesOnFrom(40)])).toEqual(FILE);
    expect(ranges).toEqual([null, 'bytes=40-', 'bytes=40-', 'bytes=40-']);
  });

  it('goes on after it broke twice', async () => {
    const breaksAgain: Answer = () =>
      new Response(body(40, 70, { breaks: true }), { ...FORM, status: 206 });
    expect(await loadAll([breaksAt(40), breaksAgain, goesOnFrom(70)])).toEqual(FILE);
    expect(ranges).toEqual([null, 'bytes=40-', 'bytes=70-']);
  });

  describe('starts over', () => {
    it('where the server cannot go on', async () => {
      expect(await loadAll([breaksAt(40), whole])).toEqual(FILE);
      expect(loadedBytes.slice(3, 6)).toEqual([40, 0, 10]);
    });

    it('where the file has changed meanwhile', async () => {
      const other = goesOnFrom(40, { headers: { ETag: '"two"' } });
      expect(await loadAll([breaksAt(40), other, whole])).toEqual(FILE);
      expect(ranges).toEqual([null, 'bytes=40-', null]);
    });

    it('where the server refuses the range', async () => {
      expect(await loadAll([breaksAt(40), says(416), whole])).toEqual(FILE);
    });

    it.each([
      ['without an ETag', {}],
      ['with a weak ETag', { headers: { ETag: 'W/"one"' } }],
      ['with a body that is compressed', { headers: { ETag: '"one"', 'Content-Encoding': 'br' } }],
    ])('%s', async (_, form) => {
      expect(await loadAll([breaksAt(40, form), whole])).toEqual(FILE);
      expect(ranges).toEqual([null, null]);
    });
  });

  it('waits longer and longer, and gives up after five tries', async () => {
    const result = load([nothing]);
    const tries: number[] = [];
    for (const ms of [0, 499, 1, 999, 1, 1999, 1, 3999, 1]) {
      await vi.advanceTimersByTimeAsync(ms);
      tries.push(ranges.length);
    }
    expect(tries).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5]);
    const error = await rejectionOf(result);
    expect(error.code).toBe('weights-missing');
    expect(error.message).toMatch(/file\.bin: no answer from the server at the last of 5 tries/);
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it('says how far it came when it breaks again and again', async () => {
    const error = await rejectionOf(loadAll([breaksAt(40, {})]));
    expect(error.code).toBe('weights-truncated');
    expect(error.message).toContain('broke after 40 bytes');
  });

  it.each([429, 500, 503])('tries again after %d', async (status) => {
    expect(await loadAll([says(status), whole])).toEqual(FILE);
  });

  it.each([401, 403, 404])('takes %d for an answer', async (status) => {
    const error = await rejectionOf(loadAll([says(status), whole]));
    expect(error.code).toBe('weights-missing');
    expect(error.message).toContain(`answered ${status}`);
    expect(ranges).toHaveLength(1);
  });

  it('tries again at once when the browser is online again', async () => {
    const result = load([nothing, whole]);
    await vi.advanceTimersByTimeAsync(10);
    page.dispatchEvent(new Event('online'));
    expect(await result).toEqual(FILE);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up while it waits when it is told to', async () => {
    const controller = new AbortController();
    const reason = new Error('left the page');
    const result = load([nothing], controller.signal);
    await vi.advanceTimersByTimeAsync(10);
    controller.abort(reason);
    await expect(result).rejects.toBe(reason);
    expect(ranges).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
