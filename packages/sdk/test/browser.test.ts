import { describe, expect, it } from 'vitest';
import { browserFamily, isInAppBrowser } from '../src/browser.js';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const MAC_SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15';

describe('browserFamily', () => {
  const families = [
    ['chromium', `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`],
    ['chromium', `Mozilla/5.0 (Windows NT 10.0) ${WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0`],
    ['firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
    ['firefox', 'Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0'],
    ['safari', MAC_SAFARI],
    ['ios', `${IPHONE} (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1`],
    ['ios', `${IPHONE} (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1`],
    ['android', `Mozilla/5.0 (Linux; Android 14) ${WEBKIT} Chrome/140.0 Mobile Safari/537.36`],
    ['chromium', ''],
  ] as const;
  for (const [family, userAgent] of families) {
    it(`takes "${userAgent.slice(-50)}" for ${family}`, () => {
      expect(browserFamily(userAgent, 0)).toBe(family);
    });
  }

  it('knows an iPad, which calls itself a Mac, by its touch screen', () => {
    expect(browserFamily(MAC_SAFARI, 5)).toBe('ios');
  });
});

describe('isInAppBrowser', () => {
  it.each([
    `${IPHONE} Mobile/15E148 Instagram 300.0.0.0 (iPhone14,5)`,
    `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]`,
    `${IPHONE} (KHTML, like Gecko) Mobile/15E148`,
    `Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) ${WEBKIT} Version/4.0 Chrome/140.0 Mobile Safari/537.36`,
    `Mozilla/5.0 (Linux; Android 14) ${WEBKIT} Chrome/140.0 Mobile MicroMessenger/8.0.40`,
  ])('knows %s', (userAgent) => {
    expect(isInAppBrowser(userAgent)).toBe(true);
  });

  it.each([MAC_SAFARI, `${IPHONE} Version/17.4 Mobile/15E148 Safari/604.1`])(
    'takes %s for a browser',
    (userAgent) => {
      expect(isInAppBrowser(userAgent)).toBe(false);
    },
  );
});
