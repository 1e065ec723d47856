import {
  BufferTarget,
  CanvasSource,
  Mp4OutputFormat,
  Output,
  Quality,
  WebMOutputFormat,
  getFirstEncodableVideoCodec,
  type OutputFormat,
} from 'mediabunny';

export const MP4: OutputFormat = new Mp4OutputFormat();

/** A video file made of drawn frames, by the browser's own encoder. */
export async function madeVideo(
  frames: readonly { readonly seconds: number; readonly draw: CanvasImageSource }[],
  {
    format = new WebMOutputFormat(),
    rotation = 0,
    width = 320,
    height = 240,
  }: {
    readonly format?: OutputFormat;
    readonly rotation?: 0 | 90 | 180 | 270;
    readonly width?: number;
    readonly height?: number;
  } = {},
): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const target = new BufferTarget();
  const output = new Output({ format, target });
  // As telephones have it, where this Chromium may encode it.
  const codec =
    (await getFirstEncodableVideoCodec(format === MP4 ? ['avc', 'vp9'] : ['vp9'])) ?? 'vp9';
  const source = new CanvasSource(canvas, { codec, quality: new Quality('high') });
  output.addVideoTrack(source, { rotation });
  await output.start();
  for (const [i, { seconds, draw }] of frames.entries()) {
    context.drawImage(draw, 0, 0, width, height);
    const duration = (frames[i + 1]?.seconds ?? seconds + 0.1) - seconds;
    await source.add(seconds, duration);
  }
  await output.finalize();
  return new Blob([target.buffer!]);
}

/** A second of silence as a WAV file. */
export function silence(): Blob {
  const rate = 8000;
  const header = new DataView(new ArrayBuffer(44));
  const text = (at: number, value: string): void => {
    for (let i = 0; i < value.length; i++) header.setUint8(at + i, value.charCodeAt(i));
  };
  text(0, 'RIFF');
  header.setUint32(4, 36 + rate, true);
  text(8, 'WAVEfmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true); // PCM
  header.setUint16(22, 1, true); // one channel
  header.setUint32(24, rate, true);
  header.setUint32(28, rate, true);
  header.setUint16(32, 1, true);
  header.setUint16(34, 8, true);
  text(36, 'data');
  header.setUint32(40, rate, true);
  return new Blob([header, new Uint8Array(rate).fill(128)], { type: 'audio/wav' });
}
