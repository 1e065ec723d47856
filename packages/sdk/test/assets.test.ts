import { afterEach, describe, expect, it, vi } from 'vitest';
import { assetUrls, DEFAULT_ASSETS, manifestUrl } from '../src/assets.js';
import { failureOf } from './support/failure.js';

const PAGE = 'https://page.example/app/index.html';

function hrefs(assets?: Parameters<typeof assetUrls>[0]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(assetUrls(assets)).map(([name, { href }]) => [name, href]),
  );
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('assetUrls', () => {
  it('stays in the assets folder of the package by default', () => {
    expect(DEFAULT_ASSETS.pathname).toMatch(/\/packages\/sdk\/assets\/$/);
    for (const href of Object.values(hrefs()))
      expect(href.startsWith(DEFAULT_ASSETS.href)).toBe(true);
  });

  it('finds everything below a folder, with or without the slash at its end', () => {
    vi.stubGlobal('document', { baseURI: PAGE });
    const expected = {
      model: 'https://page.example/static/models/fdrl-ecanet/manifest.json',
      liteModel: 'https://page.example/static/models/fdrl-ecanet-lite/manifest.json',
      faceDetector: 'https://page.example/static/face-detector/blaze_face_short_range.tflite',
      mediapipe: 'https://page.example/static/mediapipe/',
      tfjsWasm: 'https://page.example/static/tfjs-wasm/',
    };
    expect(hrefs('/static/')).toEqual(expected);
    expect(hrefs('../static')).toEqual(expected);
    expect(hrefs(new URL('https://page.example/static'))).toEqual(expected);
  });

  it('takes single locations and leaves the others in the package', () => {
    vi.stubGlobal('document', { baseURI: PAGE });
    expect(hrefs({ mediapipe: 'mp', model: new URL('https://cdn.example/m') })).toEqual({
      ...hrefs(),
      mediapipe: 'https://page.example/app/mp/',
      model: 'https://cdn.example/m/manifest.json',
    });
  });

  it('refuses what is no address', () => {
    vi.stubGlobal('document', { baseURI: PAGE });
    expect(failureOf(() => assetUrls('https://')).code).toBe('option-invalid');
    expect(failureOf(() => manifestUrl('http://[')).message).toContain('"http://["');
  });

  it('resolves against the script in a worker', () => {
    vi.stubGlobal('location', { href: 'https://page.example/js/worker.js' });
    expect(hrefs('assets').tfjsWasm).toBe('https://page.example/js/assets/tfjs-wasm/');
  });
});

describe('manifestUrl', () => {
  it('takes the folder of a model or its manifest, and keeps a query', () => {
    vi.stubGlobal('document', { baseURI: PAGE });
    expect(manifestUrl('models/a').href).toBe('https://page.example/app/models/a/manifest.json');
    expect(manifestUrl('models/a/').href).toBe('https://page.example/app/models/a/manifest.json');
    expect(manifestUrl('/b/manifest.json?v=2').href).toBe(
      'https://page.example/b/manifest.json?v=2',
    );
  });
});
