import type { Frame } from '../frame.js';

/** How the frames of a recorded video are decoded, and why that way. */
export interface VideoDecoding {
  /**
   * `'webcodecs'`: the file is taken apart and decoded as fast as it goes. `'seeking'`: a `<video>` is
   * set to one time after the other, which is slower and works with whatever the browser plays.
   */
  readonly name: 'webcodecs' | 'seeking';
  /** A sentence for people. */
  readonly reason: string;
}

/** A frame of a recorded video. */
export interface DecodedFrame {
  /** Upright, as the video is to be shown. */
  readonly frame: Frame;
  /** Presentation time in the video. */
  readonly timestampMs: number;
  /** Gives its memory back; decoders wait for it. */
  readonly close: () => void;
}

/** A recorded video that gives its frames away, in the order in which they are shown. */
export interface FrameSource {
  readonly decoding: VideoDecoding;
  /** When the last frame ends, as far as the file says. */
  readonly endMs: number;
  /** Each must be closed before the next is asked for. */
  readonly frames: AsyncIterator<DecodedFrame, undefined>;
  /** Frees everything. Whoever waits for a frame gets an error. */
  readonly close: () => void;
}

/** A time as WebCodecs counts: in whole microseconds. */
export function toMs(seconds: number): number {
  return Math.round(seconds * 1e6) / 1000;
}
