import {
  BlobSource,
  EncodedPacketSink,
  Input,
  MATROSKA,
  MP4,
  QTFF,
  UrlSource,
  VideoSampleSink,
  WEBM,
  type InputVideoTrack,
  type VideoSample,
} from 'mediabunny';
import { EmotionCamError } from '../errors.js';
import { toMs, type DecodedFrame, type FrameSource } from './decoded-frame.js';
import { sampleTimes } from './sample-times.js';

/** A request that fails is made again so often, after half a second, then one, then two. */
const RETRIES = 3;

/**
 * Takes a video file apart with mediabunny and decodes it with WebCodecs. This module holds the
 * demultiplexers: it is loaded when a video is analysed, not before.
 *
 * @param fps - how many frames a second are taken; none: all
 * @throws {EmotionCamError} `video-without-picture`
 * @throws {Error} this cannot be done with the file here, and why
 */
export async function openDemuxed(file: Blob | URL, fps: number | undefined): Promise<FrameSource> {
  const input = new Input({
    formats: [MP4, QTFF, WEBM, MATROSKA],
    source: file instanceof Blob ? new BlobSource(file) : new UrlSource(file, { getRetryDelay }),
  });
  try {
    const track = await decodableTrack(input);
    const start = Math.max(0, await track.getFirstTimestamp());
    const stated = await track.getDurationFromMetadata();
    // Files that a browser recorded do not say how long they are: then the last frame is looked for.
    const isKnown = stated !== null && fps === undefined;
    const end = isKnown ? stated : Math.max(stated ?? 0, await endOfLast(track, fps));
    const sink = new VideoSampleSink(track);
    const samples =
      fps === undefined ? sink.samples() : sink.samplesAtTimestamps(sampleTimes(fps, start, end));
    const frames = framesOf(samples);
    return {
      decoding: { name: 'webcodecs', reason: await reasonOf(track) },
      endMs: toMs(end),
      frames,
      close: () => {
        void frames.return(undefined).catch(() => undefined); // closes what is decoded ahead
        input.dispose();
      },
    };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

function getRetryDelay(previousAttempts: number): number | null {
  return previousAttempts > RETRIES ? null : 2 ** (previousAttempts - 2);
}

async function decodableTrack(input: Input): Promise<InputVideoTrack> {
  if (!(await input.canRead())) {
    throw new Error('the file is not MP4, MOV, WebM or Matroska, or its beginning is damaged');
  }
  const track = await input.getPrimaryVideoTrack();
  if (!track) {
    const { length } = await input.getTracks();
    if (length === 0) throw new Error('the file has no track that can be read');
    throw new EmotionCamError(
      'video-without-picture',
      `The file has ${length} tracks and none of them is a video. Give one with a picture.`,
    );
  }
  const codec = (await track.getCodecParameterString()) ?? (await track.getInternalCodecId());
  if (!(await track.canDecode())) {
    throw new Error(`WebCodecs of this browser cannot decode ${String(codec ?? 'its codec')}`);
  }
  return track;
}

/** In seconds. Of the last frame such files do not say how long it is shown: then until it is sampled. */
async function endOfLast(track: InputVideoTrack, fps = 30): Promise<number> {
  const last = await new EncodedPacketSink(track).getPacket(Infinity, { metadataOnly: true });
  return last ? last.timestamp + (last.duration > 0 ? last.duration : 1 / fps) : 0;
}

async function reasonOf(track: InputVideoTrack): Promise<string> {
  const { name } = await track.input.getFormat();
  return `WebCodecs decodes ${await track.getCodecParameterString()} in ${name}.`;
}

/** Each frame once: one that is shown for long is sampled several times. */
async function* framesOf(
  samples: AsyncGenerator<VideoSample | null>,
): AsyncGenerator<DecodedFrame, undefined> {
  let lastMs = -Infinity;
  for await (const sample of samples) {
    if (!sample) continue;
    const timestampMs = toMs(sample.timestamp);
    const isShown = sample.timestamp + sample.duration > 0 || sample.timestamp === 0;
    if (timestampMs === lastMs || !isShown) {
      sample.close();
      continue;
    }
    lastMs = timestampMs;
    const frame = upright(sample);
    sample.close();
    yield { frame, timestampMs, close: 'close' in frame ? () => frame.close() : () => undefined };
  }
  return undefined;
}

/** Telephones record as they are held and say how the picture is to be turned. */
function upright(sample: VideoSample): VideoFrame | OffscreenCanvas {
  if (sample.rotation === 0 && !sample.flip) return sample.toVideoFrame();
  const canvas = new OffscreenCanvas(sample.displayWidth, sample.displayHeight);
  sample.draw(canvas.getContext('2d')!, 0, 0);
  return canvas;
}
