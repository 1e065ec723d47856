/** Its address on the test server. */
export const CLIP: URL = new URL('../../../../../e2e/fixtures/clip.webm', import.meta.url);

/** Frames a second of the clip. */
export const CLIP_RATE = 15;

/**
 * The frames of the recorded clip, one after the other: a face that moves, leaves to the left after
 * 5.8 s, stays away for two seconds and comes back from the right.
 */
export async function* clipFrames(): AsyncGenerator<HTMLVideoElement> {
  const file = await (await fetch(CLIP)).blob(); // seeking needs a server with ranges, or a blob
  const src = URL.createObjectURL(file);
  const video = Object.assign(document.createElement('video'), { muted: true, src });
  try {
    await next(video, 'loadeddata');
    for (let frame = 0; frame < Math.round(video.duration * CLIP_RATE); frame++) {
      const sought = next(video, 'seeked');
      video.currentTime = (frame + 0.5) / CLIP_RATE;
      await sought;
      yield video;
    }
  } finally {
    video.removeAttribute('src');
    URL.revokeObjectURL(src);
  }
}

function next(video: HTMLVideoElement, type: string): Promise<unknown> {
  return new Promise((resolve) => {
    video.addEventListener(type, resolve, { once: true });
  });
}
