/** Browsers that differ in where a person allows the camera. */
export type BrowserFamily = 'chromium' | 'firefox' | 'safari' | 'ios' | 'android';

/** Apps that show pages in a window of their own: what their user agents say beside the engine's. */
const IN_APP =
  /\bFBA[NV]\b|FB_IAB|Instagram|MicroMessenger|\bLine\/|TikTok|musical_ly|BytedanceWebview|Snapchat|LinkedInApp|Twitter for|Pinterest\/|; wv\)/;

/** Whether a page is shown inside another app, where cameras are often missing. */
export function isInAppBrowser(userAgent: string = navigator.userAgent): boolean {
  if (IN_APP.test(userAgent)) return true;
  // Every browser on iOS says Safari; a bare web view does not.
  return /iPhone|iPad|iPod/.test(userAgent) && !userAgent.includes('Safari/');
}

/** @param touchPoints - an iPad calls itself a Mac, which has none */
export function browserFamily(
  userAgent: string = navigator.userAgent,
  touchPoints: number = navigator.maxTouchPoints,
): BrowserFamily {
  const isIPad = userAgent.includes('Macintosh') && touchPoints > 1;
  if (isIPad || /iPhone|iPad|iPod/.test(userAgent)) return 'ios';
  if (userAgent.includes('Android')) return userAgent.includes('Firefox/') ? 'firefox' : 'android';
  if (userAgent.includes('Firefox/')) return 'firefox';
  if (/Chrome\/|Chromium\//.test(userAgent)) return 'chromium';
  return userAgent.includes('Safari/') ? 'safari' : 'chromium';
}
