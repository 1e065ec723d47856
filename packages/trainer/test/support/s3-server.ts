import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** The part of S3's interface that the storage uses, in memory, path style. */
export interface S3Server {
  readonly endpoint: string;
  /** Keys and bytes of the bucket. */
  readonly objects: Map<string, Buffer>;
  stop(): Promise<void>;
}

const PAGE_SIZE = 2; // so that lists have pages

export async function startS3(bucket: string): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    void answer(request, response, bucket, objects);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    objects,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  bucket: string,
  objects: Map<string, Buffer>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, inPath = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const xml = (status: number, body: string): void => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
  };
  const error = (status: number, code: string): void => {
    xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  };
  if (!request.headers.authorization?.includes('Credential=test-key/')) {
    error(403, 'InvalidAccessKeyId');
  } else if (inPath !== bucket) {
    error(404, 'NoSuchBucket');
  } else if (request.method === 'PUT') {
    objects.set(key, Buffer.concat(chunks));
    response.writeHead(200, { etag: '"x"' }).end();
  } else if (request.method === 'DELETE') {
    objects.delete(key);
    response.writeHead(204).end();
  } else if (key === '') {
    list(url.searchParams, objects, xml);
  } else {
    const bytes = objects.get(key);
    if (bytes) response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    else error(404, 'NoSuchKey');
  }
}

function list(
  query: URLSearchParams,
  objects: Map<string, Buffer>,
  xml: (status: number, body: string) => void,
): void {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const keys = [...objects.keys()].sort().filter((key) => key.startsWith(prefix) && key > after);
  const page = keys.slice(0, PAGE_SIZE);
  const isTruncated = keys.length > page.length;
  xml(
    200,
    '<ListBucketResult>' +
      page.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('') +
      `<KeyCount>${page.length}</KeyCount><IsTruncated>${isTruncated}</IsTruncated>` +
      (isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '') +
      '</ListBucketResult>',
  );
}
