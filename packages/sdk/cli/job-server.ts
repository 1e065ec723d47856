import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { sendFile } from './file-server.js';
import type { Format, Job, Report } from './job.js';

/** The package's own folder; this file lies in its dist/cli/. */
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

const PAGE = `<!doctype html>
<html lang="en"><title>emotion-cam analyze</title><link rel="icon" href="data:," />
<script type="module" src="package/dist/cli/page.js"></script></html>`;

/** Cross-origin isolation gives WebAssembly its threads; nothing is loaded from anywhere else. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export interface JobServer {
  /** Of the page to open. */
  readonly url: string;
  /** Asks the page to end and to hand over what it has. */
  readonly cancel: () => void;
  readonly close: () => void;
}

/** What a job needs, and who is told how it goes. */
export interface JobServerOptions {
  readonly job: Job;
  readonly video: string;
  /** Folder of the model that is served at `model/`, where it is none of the package's. */
  readonly modelFolder: string | undefined;
  /** Where the outputs are written. */
  readonly outputs: Readonly<Partial<Record<Format, string>>>;
  readonly onReport: (report: Report) => void;
}

/** Serves one job to this machine only, at an address that nobody else can guess. */
export async function serveJob(options: JobServerOptions): Promise<JobServer> {
  const { job, video, modelFolder, outputs, onReport } = options;
  const base = `/${randomUUID()}/`;
  const listeners = new Set<ServerResponse>();
  let isCancelled = false;
  const tellCancel = (response: ServerResponse): boolean =>
    response.write('event: cancel\ndata:\n\n');

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.startsWith(base) ? pathname.slice(base.length) : undefined;
    const [first = '', ...rest] = path?.split('/') ?? ['-'];
    const below = rest.join('/');
    if (request.method === 'POST' && path === 'report') {
      onReport(JSON.parse(await text(request)) as Report);
      response.end();
    } else if (request.method === 'POST' && first === 'output') {
      await pipeline(request, createWriteStream(outputs[below as Format]!));
      response.end();
    } else if (path === '') {
      response.setHeader('Content-Type', 'text/html; charset=utf-8').end(PAGE);
    } else if (path === 'job') {
      response.end(JSON.stringify(job));
    } else if (path === 'control') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      listeners.add(response);
      if (isCancelled) tellCancel(response);
    } else if (path === 'video') {
      await sendFile(video, request, response);
    } else {
      const folder = { package: PACKAGE, model: modelFolder }[first];
      const file = folder === undefined ? undefined : fileBelow(folder, below);
      if (file === undefined) response.writeHead(404).end();
      else await sendFile(file, request, response);
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${base}`,
    cancel: () => {
      isCancelled = true;
      listeners.forEach(tellCancel);
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @returns none where the path leads out of the folder */
function fileBelow(folder: string, path: string): string | undefined {
  const relative = normalize(decodeURIComponent(path));
  return relative.split(sep).includes('..') || relative.includes('\0')
    ? undefined
    : join(folder, relative);
}
