import { download } from './download.js';
import { EmotionCamError } from './errors.js';
import { sha256 } from './sha256.js';

/**
 * SHA-256 of the files in `assets/` that this version of the package was built with. A model's files are not
 * among them: its manifest names theirs.
 */
export const ASSET_HASHES = {
  'blaze_face_short_range.tflite':
    '5e8b432cb29060b7e2fd1b03164ac322a7010445e91895d0d93886a62009ab5f',
  'vision_wasm_module_internal.wasm':
    '617b8e0248dbd27e9d7ece4218004eae4cefb499196d1bb4fa0e3fef21708756',
  'tfjs-backend-wasm-simd.wasm': '77ebb28a6d34f371dbbf2086b7f2de8994acd8ea5a3cf1fa24d2c26c840cac7b',
  'tfjs-backend-wasm-threaded-simd.wasm':
    'c052228d4bef185c27bbe59a9e029570c78bbb9f08b3cb46b597851650373de2',
} as const;

/** A file that belongs to this version of the package. */
export type AssetFile = keyof typeof ASSET_HASHES;

/**
 * Loads a file and checks that it is the one of this version of the package.
 *
 * @throws {EmotionCamError} `asset-unreachable`; `asset-hash`: it is another file
 * @throws the signal's reason, if it is aborted
 */
export async function loadAsset(
  file: AssetFile,
  url: URL,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await download(url, {
    what: file,
    codes: { missing: 'asset-unreachable', broken: 'asset-unreachable' },
    signal,
  });
  const hash = await sha256(bytes);
  signal?.throwIfAborted();
  if (hash === undefined || hash === ASSET_HASHES[file]) return bytes;
  throw new EmotionCamError(
    'asset-hash',
    `${url.href} (${bytes.length} bytes) has the sha-256 ${hash}, this version of emotion-cam needs ` +
      `${ASSET_HASHES[file]}. The file was changed or is of another version: copy the package's assets ` +
      'folder again, whole.',
  );
}
