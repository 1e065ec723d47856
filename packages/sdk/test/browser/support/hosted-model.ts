import type { TestModel } from '../../support/narrow-model.js';

/**
 * Puts a model on the test server, where a worker finds it too; see `scripts/lib/wtr-host-files.mjs`.
 *
 * @returns its address
 */
export async function hostModel({ manifest, files }: TestModel): Promise<string> {
  const url = new URL(`/hosted/${crypto.randomUUID()}/`, location.href).href;
  const put = async (name: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> => {
    await fetch(url + name, { method: 'PUT', body });
  };
  await put('manifest.json', JSON.stringify(manifest));
  await Promise.all([...files].map(([name, bytes]) => put(name, bytes)));
  return url;
}
