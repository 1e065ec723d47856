import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { CROSS_ORIGIN_ISOLATION } from './headers.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webm': 'video/webm',
  '.wasm': 'application/wasm',
};

/**
 * Nothing from another origin. `wasm-unsafe-eval` compiles the wasm files; the wasm back end starts
 * its threads from a script it holds as a blob.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval' blob:",
  "worker-src 'self' blob:",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** What pages of other sites embed: see docs/guides/widget.md. */
const EMBEDDABLE = ['/embed.html', '/widget.js'];
const FOR_OTHER_SITES = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY.replace(
    /frame-ancestors.*/,
    'frame-ancestors *',
  ),
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

const HEADERS = {
  ...CROSS_ORIGIN_ISOLATION,
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

/**
 * Serves a folder to this machine only.
 *
 * @param {string} folder
 * @param {number} firstPort taken ports are skipped
 * @param {object} [options]
 * @param {(path: string, body: string) => string} [options.onPost] answers what pages post; without it
 *   nothing can be posted
 * @param {Record<string, string>} [options.headers] of every answer, besides its own and in place of those of the
 *   same name
 * @returns {Promise<{ url: string, port: number, close: () => Promise<void> }>}
 */
export async function serve(folder, firstPort, { onPost, headers = {} } = {}) {
  const server = createServer((request, response) => {
    const isPost = onPost !== undefined && request.method === 'POST';
    const answer = isPost
      ? answerPost(request, response, onPost)
      : respond(folder, request, response, { ...HEADERS, ...headers });
    answer.catch((error) => {
      // The file went away, or the browser did: what was promised cannot be delivered any more.
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { ...HEADERS, ...headers }).end(String(error));
    });
  });
  let port = firstPort;
  while (!(await listen(server, port))) port += 1;
  return {
    url: `http://localhost:${port}/`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param {import('node:http').Server} server @param {number} port @returns {Promise<boolean>} false: taken */
async function listen(server, port) {
  // "localhost" is two addresses, and another program may hold only the one we would not get.
  if ((await isAnswering('127.0.0.1', port)) || (await isAnswering('::1', port))) return false;
  return new Promise((resolve, reject) => {
    const handleError = (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    };
    server.once('error', handleError);
    server.listen(port, 'localhost', () => {
      server.off('error', handleError);
      resolve(true);
    });
  });
}

/** @param {string} host @param {number} port @returns {Promise<boolean>} */
function isAnswering(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/**
 * @param {string} folder
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {Record<string, string>} common headers of every answer
 */
async function respond(folder, request, response, common) {
  const path = toPath(request.url ?? '/');
  const file = path === undefined ? undefined : join(folder, path);
  const info = file && (await stat(file).catch(() => undefined));
  if (!file || !info?.isFile() || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response.writeHead(404, { ...common, 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(`Not found: ${request.method} ${request.url}\n`);
    return;
  }
  const type =
    TYPES[/** @type {keyof typeof TYPES} */ (extname(file))] ?? 'application/octet-stream';
  const etag = `"${info.size.toString(36)}-${Math.trunc(info.mtimeMs).toString(36)}"`;
  const headers = {
    ...common,
    ...(EMBEDDABLE.includes(path.replaceAll(sep, '/')) && FOR_OTHER_SITES),
    ...{ 'Content-Type': type, ETag: etag, 'Accept-Ranges': 'bytes' },
  };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const range = toRange(request.headers.range, info.size);
  const { start, end } = range ?? { start: 0, end: info.size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'Content-Length': end - start + 1,
    ...(range && { 'Content-Range': `bytes ${start}-${end}/${info.size}` }),
  });
  if (request.method === 'HEAD' || info.size === 0) response.end();
  else await pipeline(createReadStream(file, { start, end }), response);
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {(path: string, body: string) => string} onPost
 */
async function answerPost(request, response, onPost) {
  const answer = onPost(request.url ?? '/', await text(request));
  response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }).end(answer);
}

/** @param {string} url @returns {string | undefined} path below the folder; undefined: leads out of it */
function toPath(url) {
  try {
    const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname));
    if (path.includes('\0') || path.split(sep).includes('..')) return undefined;
    return path.endsWith(sep) ? join(path, 'index.html') : path;
  } catch {
    return undefined;
  }
}

/** One range, as video players ask for it. @param {string | undefined} header @param {number} size */
function toRange(header, size) {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = match[2] ? Math.min(Number(match[2]), size - 1) : size - 1;
  return start <= end ? { start, end } : undefined;
}
