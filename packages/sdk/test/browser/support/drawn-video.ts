/** A video that plays what is drawn on a canvas, some 30 frames a second. */
export interface DrawnVideo {
  readonly video: HTMLVideoElement;
  readonly stream: MediaStream;
  /** Resolves when the video has shown so many more frames. */
  readonly shown: (count: number) => Promise<void>;
  /** Resolves when so many more frames are drawn, whether shown or not. */
  readonly drawFrames: (count: number) => Promise<void>;
  readonly event: (type: string) => Promise<void>;
  readonly dispose: () => void;
}

type Draw = (context: CanvasRenderingContext2D, frame: number) => void;

/** @param draw paints the picture; default: a bright square that moves */
export async function drawnVideo({
  width = 160,
  height = 120,
  draw = drawSquare,
}: { width?: number; height?: number; draw?: Draw } = {}): Promise<DrawnVideo> {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d')!;
  const stream = canvas.captureStream(30);
  let frame = 0;
  let waiting: { until: number; resolve: () => void }[] = [];
  let request = requestAnimationFrame(function repaint() {
    draw(context, frame++);
    for (const { until, resolve } of waiting) if (frame >= until) resolve();
    waiting = waiting.filter(({ until }) => frame < until);
    request = requestAnimationFrame(repaint);
  });

  const video = Object.assign(document.createElement('video'), { muted: true });
  video.srcObject = stream;
  document.body.append(video);
  await video.play();

  const event = (type: string): Promise<void> =>
    new Promise((resolve) => {
      video.addEventListener(
        type,
        () => {
          resolve();
        },
        { once: true },
      );
    });
  return {
    video,
    stream,
    event,
    async shown(count) {
      for (let i = 0; i < count; i++) {
        await new Promise((resolve) => {
          video.requestVideoFrameCallback(resolve);
        });
      }
    },
    drawFrames: (count) =>
      new Promise((resolve) => {
        waiting.push({ until: frame + count, resolve });
      }),
    dispose() {
      cancelAnimationFrame(request);
      for (const track of stream.getTracks()) track.stop();
      video.remove();
    },
  };
}

function drawSquare(context: CanvasRenderingContext2D, frame: number): void {
  const { width, height } = context.canvas;
  context.fillStyle = '#223344';
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#ffcc88';
  context.fillRect((frame * 3) % width, height / 3, 40, 40);
}
