import type { TestModel } from '../../support/narrow-model.js';

/** A model at an address of its own, as long as it is served. */
export interface ServedModel {
  readonly url: string;
  /** Paths below `url` that were asked for. */
  readonly requests: readonly string[];
  dispose(): void;
}

/**
 * Answers requests below a new address with the manifest and files given and passes all others on.
 * Responses stream in two pieces.
 *
 * @param files - what differs from the model's: other contents, `null` for a file that is not there
 * @param url - of an earlier one, to be served there again
 */
export function serveModel(
  model: TestModel,
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer> | null>> = {},
  url: string = new URL(`/served-model-${crypto.randomUUID()}/`, location.href).href,
): ServedModel {
  const requests: string[] = [];
  const real = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!address.startsWith(url)) return real(input, init);
    init?.signal?.throwIfAborted();
    const path = address.slice(url.length);
    requests.push(path);
    const original =
      path === 'manifest.json' ? JSON.stringify(model.manifest) : model.files.get(path);
    const body = path in files ? files[path] : original;
    if (body === null || body === undefined) {
      return Promise.resolve(
        new Response('nothing here', { status: 404, statusText: 'Not Found' }),
      );
    }
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const middle = bytes.length >> 1;
    const stream = new ReadableStream({
      start(controller) {
        for (const piece of [bytes.subarray(0, middle), bytes.subarray(middle)]) {
          if (piece.length > 0) controller.enqueue(piece);
        }
        controller.close();
      },
    });
    return Promise.resolve(new Response(stream));
  };
  return {
    url,
    requests,
    dispose() {
      globalThis.fetch = real;
    },
  };
}
