import { expect } from 'chai';
import { FrameLoop } from '../../src/frame-loop.js';
import { drawnVideo } from './support/drawn-video.js';

describe('FrameLoop, while the video seeks', () => {
  it('passes over frames without a picture and goes on with the next that has one', async () => {
    const drawn = await drawnVideo();
    let isSeeking = true;
    Object.defineProperty(drawn.video, 'readyState', {
      get: () => (isSeeking ? HTMLMediaElement.HAVE_METADATA : HTMLMediaElement.HAVE_ENOUGH_DATA),
    });
    const states: boolean[] = [];
    let handed: () => void;
    const firstFrame = new Promise<void>((resolve) => (handed = resolve));
    const loop = new FrameLoop(drawn.video, {
      onFrame: () => {
        states.push(isSeeking);
        handed();
        return Promise.resolve();
      },
      onError: (error) => expect.fail(String(error)),
    });
    await drawn.shown(3);
    expect(states).to.deep.equal([]);
    isSeeking = false;
    await firstFrame;
    expect(states[0]).to.equal(false);
    loop.stop();
    drawn.dispose();
  });
});
