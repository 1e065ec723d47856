import { checkOption, shown } from './check-option.js';
import { EmotionCamError } from './errors.js';

/** Where the SDK loads its files from. */
export interface AssetLocations {
  /** The model: its folder, or its `manifest.json`. Default: `models/fdrl-ecanet/`. */
  readonly model: string | URL;
  /** The small model, as `model`. Default: `models/fdrl-ecanet-lite/`. */
  readonly liteModel: string | URL;
  /** The face detector's model file. Default: `face-detector/blaze_face_short_range.tflite`. */
  readonly faceDetector: string | URL;
  /** The folder with MediaPipe's `vision_wasm_module_internal.wasm`. Default: `mediapipe/`. */
  readonly mediapipe: string | URL;
  /** The folder with TensorFlow.js's `tfjs-backend-wasm-*.wasm` files. Default: `tfjs-wasm/`. */
  readonly tfjsWasm: string | URL;
}

/** The same, absolute; folders end in a slash. */
export type AssetUrls = Readonly<Record<keyof AssetLocations, URL>>;

// In a variable, so that bundlers do not take the folder for a file that they must find.
const thisModule: string = import.meta.url;

/** The `assets/` folder of the package: beside `dist/`. */
export const DEFAULT_ASSETS: URL = new URL('../assets/', thisModule);

const DEFAULTS: Readonly<Record<keyof AssetLocations, string>> = {
  model: 'models/fdrl-ecanet/manifest.json',
  liteModel: 'models/fdrl-ecanet-lite/manifest.json',
  faceDetector: 'face-detector/blaze_face_short_range.tflite',
  mediapipe: 'mediapipe/',
  tfjsWasm: 'tfjs-wasm/',
};

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Resolves against the page, or in a worker against its script. */
function absolute(address: string | URL): URL {
  if (address instanceof URL) return address;
  const base = typeof document === 'undefined' ? location.href : document.baseURI;
  if (typeof address === 'string' && URL.canParse(address, base)) return new URL(address, base);
  throw new EmotionCamError(
    'option-invalid',
    `${shown(address)} is given for a file or folder, expected an address.`,
  );
}

/** The address with a slash at the end of its path, so that names resolve inside it. */
function folder(url: URL): URL {
  if (url.pathname.endsWith('/')) return url;
  const withSlash = new URL(url);
  withSlash.pathname += '/';
  return withSlash;
}

/** The address of a model's manifest, given that or its folder. */
export function manifestUrl(model: string | URL): URL {
  const url = absolute(model);
  return url.pathname.endsWith('.json') ? url : new URL('manifest.json', folder(url));
}

/**
 * The addresses of all assets.
 *
 * @param assets - a folder laid out as the package's own `assets/`, or single locations, the others
 *   staying in the package; relative ones are relative to the page
 */
export function assetUrls(assets: string | URL | Partial<AssetLocations> = {}): AssetUrls {
  const isGiven: boolean = typeof assets === 'string' || isObject(assets);
  checkOption({ assets }, isGiven, 'a folder or an object of locations');
  const isFolder = typeof assets === 'string' || assets instanceof URL;
  const base = isFolder ? folder(absolute(assets)) : DEFAULT_ASSETS;
  const given: Partial<AssetLocations> = isFolder ? {} : assets;
  const locate = (name: keyof AssetLocations): URL => {
    const address = given[name];
    return address === undefined ? new URL(DEFAULTS[name], base) : absolute(address);
  };
  return {
    model: manifestUrl(locate('model')),
    liteModel: manifestUrl(locate('liteModel')),
    faceDetector: locate('faceDetector'),
    mediapipe: folder(locate('mediapipe')),
    tfjsWasm: folder(locate('tfjsWasm')),
  };
}
