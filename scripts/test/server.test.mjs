import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serve } from '../lib/server.mjs';

const FIRST_PORT = 5373;

/** A file called "vanishing" is removed once the server has looked at it, as a rebuild may do. */
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal();
  const stat = async (path) => {
    const info = await original.stat(path);
    if (path.includes('vanishing')) rmSync(path);
    return info;
  };
  return { ...original, stat };
});

describe('the server of the demo', () => {
  const outside = mkdtempSync(join(tmpdir(), 'emotion-cam-server-'));
  const folder = join(outside, 'site');
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;

  beforeAll(async () => {
    mkdirSync(folder);
    writeFileSync(join(outside, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'index.html'), '<p>demo</p>');
    writeFileSync(join(folder, 'clip.webm'), '0123456789');
    writeFileSync(join(folder, 'net.wasm'), '');
    server = await serve(folder, FIRST_PORT);
  });
  afterAll(async () => {
    await server.close();
    rmSync(outside, { recursive: true });
  });

  it('lets other sites embed the page and the script that are made for it, and nothing else', async () => {
    writeFileSync(join(folder, 'embed.html'), '<p>embedded</p>');
    const headersOf = async (name) => (await fetch(`${server.url}${name}`)).headers;
    const embeddable = await headersOf('embed.html');
    expect(embeddable.get('content-security-policy')).toMatch(/frame-ancestors \*$/);
    expect(embeddable.get('cross-origin-resource-policy')).toBe('cross-origin');
    const other = await headersOf('index.html');
    expect(other.get('content-security-policy')).toMatch(/frame-ancestors 'self'$/);
    expect(other.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('takes posts only where somebody answers them', async () => {
    const post = (url) => fetch(url, { method: 'POST', body: 'seen' });
    expect((await post(`${server.url}report/page`)).status).toBe(404);
    const listening = await serve(folder, FIRST_PORT, {
      onPost: (path, body) => `${path} ${body}`,
    });
    try {
      expect(await (await post(`${listening.url}report/page`)).text()).toBe('/report/page seen');
    } finally {
      await listening.close();
    }
  });

  it('answers a folder with its index.html', async () => {
    const response = await fetch(server.url);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toBe('<p>demo</p>');
  });

  it('serves wasm with the type that streaming compilation needs', async () => {
    const response = await fetch(`${server.url}net.wasm`);
    expect(response.headers.get('content-type')).toBe('application/wasm');
  });

  it('isolates the page, so that the wasm back end may use threads', async () => {
    const { headers } = await fetch(server.url);
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  it('lets the page talk to no other origin', async () => {
    const { headers } = await fetch(server.url);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/https?:/);
  });

  it('serves the part of a video that a player asks for', async () => {
    const response = await fetch(`${server.url}clip.webm`, { headers: { Range: 'bytes=2-4' } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe('bytes 2-4/10');
    expect(await response.text()).toBe('234');
  });

  it('survives a file that goes away while it is asked for', async () => {
    writeFileSync(join(folder, 'vanishing.js'), 'export {};');
    await expect(fetch(`${server.url}vanishing.js`)).rejects.toThrow('fetch failed');
    expect((await fetch(server.url)).status).toBe(200);
  });

  it('takes the next port when one is taken', async () => {
    const second = await serve(folder, server.port);
    expect(second.port).toBeGreaterThan(server.port);
    await second.close();
  });

  it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/missing.js'])(
    'has nothing at %s',
    async (path) => {
      expect(await statusOf(server.port, path)).toBe(404);
    },
  );
});

/** The status of a path that is sent as it is: fetch would resolve its dots. @param {number} port @param {string} path @returns {Promise<number>} */
function statusOf(port, path) {
  return new Promise((resolve, reject) => {
    request({ host: 'localhost', port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
