/**
 * Middleware for browser tests: what a page puts at an address below `/hosted/` is served there, to
 * workers too, whose requests a page cannot answer itself.
 *
 * @returns {(context: any, next: () => Promise<void>) => Promise<void>} for Koa
 */
export function hostFiles() {
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  return async ({ method, path, req, response }, next) => {
    if (!path.startsWith('/hosted/')) return next();
    if (method === 'PUT') {
      files.set(path, Buffer.concat(await req.toArray()));
      response.status = 204;
    } else {
      const body = files.get(path);
      response.status = body ? 200 : 404;
      response.body = body ?? 'nothing here';
    }
  };
}
