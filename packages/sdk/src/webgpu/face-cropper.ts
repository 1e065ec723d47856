import type { CropTransform } from '../face-crop.js';
import { frameSize, type Frame, type FrameSize } from '../frame.js';
import { isVideoFrame } from '../video-frame.js';
import { CROP_UNIFORM_BYTES, cropCode, cropWorkgroups } from './crop-kernel.js';
import { FrameImport } from './frame-import.js';
import type { RecordPixels } from './plan-executor.js';

/** Places averaged in each direction for a pixel of the crop, at most: a face 16 times as large. */
const MOST_PLACES = 16;

/** A part of a frame, in pixels. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From pixels of the crop to pixels of the frame: the inverse of a {@link CropTransform}. */
interface Placement {
  readonly origin: readonly [x: number, y: number];
  readonly right: readonly [x: number, y: number];
  readonly down: readonly [x: number, y: number];
  /** Pixels of the frame in one of the crop. */
  readonly step: number;
}

function placementOf({ a, b, e, f }: CropTransform): Placement {
  const scale2 = a * a + b * b;
  return {
    origin: [-(a * e + b * f) / scale2, (b * e - a * f) / scale2],
    right: [a / scale2, -b / scale2],
    down: [b / scale2, a / scale2],
    step: 1 / Math.sqrt(scale2),
  };
}

/** The whole pixels of the frame that a crop reads, the neighbours that it interpolates with included. */
function boxOf({ origin, right, down }: Placement, size: number, frame: FrameSize): Box {
  const span = (axis: 0 | 1, length: number): [start: number, end: number] => {
    const corners = [0, size].flatMap((x) =>
      [0, size].map((y) => origin[axis] + x * right[axis] + y * down[axis]),
    );
    // At least one pixel of the frame's edge, which is repeated where the crop lies beyond it.
    const start = Math.floor(Math.min(...corners)) - 1;
    const end = Math.ceil(Math.max(...corners)) + 1;
    return [Math.min(Math.max(start, 0), length - 1), Math.max(Math.min(end, length), 1)];
  };
  const [left, rightEnd] = span(0, frame.width);
  const [top, bottom] = span(1, frame.height);
  return { x: left, y: top, width: rightEnd - left, height: bottom - top };
}

/** What pictures are copied to, as large as the largest so far. */
interface Target {
  readonly texture: GPUTexture;
  readonly bindGroup: GPUBindGroup;
}

/**
 * Cuts faces out of frames on the graphics card, with the same geometry as `drawFaceCrop`: frames of a
 * camera (`VideoFrame`) are read where they are, of others the part around the face is uploaded.
 */
export class FaceCropper {
  readonly #device: GPUDevice;
  readonly #size: number;
  readonly #pixels: GPUBuffer;
  readonly #uniform: GPUBuffer;
  readonly #sampler: GPUSampler;
  readonly #copied: GPUComputePipeline;
  readonly #external: GPUComputePipeline;
  readonly #frameImport: FrameImport;
  #target: Target | undefined;
  #canvas: OffscreenCanvas | undefined;

  private constructor(
    device: GPUDevice,
    options: { readonly size: number; readonly pixels: GPUBuffer },
    pipelines: { readonly copied: GPUComputePipeline; readonly external: GPUComputePipeline },
  ) {
    this.#device = device;
    this.#size = options.size;
    this.#pixels = options.pixels;
    this.#copied = pipelines.copied;
    this.#external = pipelines.external;
    this.#frameImport = new FrameImport(device, options.pixels);
    this.#sampler = device.createSampler({ magFilter: 'linear', minFilter: 'linear' });
    this.#uniform = device.createBuffer({
      label: 'emotion-cam crop',
      size: CROP_UNIFORM_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /**
   * @param options.size - side of the crop
   * @param options.pixels - where it is written: RGB, 0..255, float32, [S,S,3]; can be copied from
   * @throws {GPUPipelineError} the device does not accept the kernel
   */
  static async create(
    device: GPUDevice,
    options: { readonly size: number; readonly pixels: GPUBuffer },
  ): Promise<FaceCropper> {
    const compile = (picture: Parameters<typeof cropCode>[1]): Promise<GPUComputePipeline> =>
      device.createComputePipelineAsync({
        label: `crop of ${picture}`,
        layout: 'auto',
        compute: {
          module: device.createShaderModule({ code: cropCode(options.size, picture) }),
        },
      });
    const [copied, external] = await Promise.all([
      compile('texture_2d<f32>'),
      compile('texture_external'),
    ]);
    return new FaceCropper(device, options, { copied, external });
  }

  /**
   * Reads a frame, and tells how its crop is recorded. That must be recorded and submitted in the same
   * task and before the next call.
   *
   * @throws {EmotionCamError} `frame-empty`
   */
  cut(frame: Frame, transform: CropTransform): RecordPixels {
    const size = frameSize(frame);
    const placement = placementOf(transform);
    if (isVideoFrame(frame)) {
      const cutImported = (): RecordPixels => this.#cutImported(frame, placement, size);
      const cutCopied = (): RecordPixels => this.#cutCopied(frame, placement, size);
      const isImportable = this.#frameImport.of(frame);
      if (isImportable) return orElse(cutImported, cutCopied);
      if (isImportable === undefined) void this.#frameImport.check(frame, [cutImported, cutCopied]);
    }
    return this.#cutCopied(frame, placement, size);
  }

  /** Frees the device's memory; crops under way still come. */
  dispose(): void {
    this.#uniform.destroy();
    this.#target?.texture.destroy();
  }

  /** A frame where it lies. @throws DOMException the browser cannot import it */
  #cutImported(frame: VideoFrame, placement: Placement, size: FrameSize): RecordPixels {
    const picture = this.#device.importExternalTexture({ source: frame });
    this.#writeUniform(placement, { x: 0, y: 0, ...size }, size);
    return this.#record(this.#external, this.#bind(this.#external, picture));
  }

  #cutCopied(frame: Frame, placement: Placement, size: FrameSize): RecordPixels {
    const box = boxOf(placement, this.#size, size);
    const { width, height } = box;
    const { texture, bindGroup } = this.#targetFor(box);
    const source = isCopyable(frame) ? frame : this.#draw(frame, box);
    const origin = isCopyable(frame) ? { x: box.x, y: box.y } : { x: 0, y: 0 };
    this.#device.queue.copyExternalImageToTexture(
      { source, origin },
      { texture, premultipliedAlpha: true }, // transparent parts are black, as in `drawFaceCrop`
      { width, height },
    );
    this.#writeUniform(placement, box, texture);
    return this.#record(this.#copied, bindGroup);
  }

  /** What not every browser copies to textures, drawn on a canvas. */
  #draw(frame: Exclude<Frame, Copyable>, { x, y, width, height }: Box): OffscreenCanvas {
    this.#canvas ??= new OffscreenCanvas(1, 1);
    Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext('2d', { willReadFrequently: true })!;
    if (frame instanceof ImageData) context.putImageData(frame, -x, -y);
    else context.drawImage(frame, -x, -y);
    return this.#canvas;
  }

  #targetFor({ width, height }: Box): Target {
    const old = this.#target?.texture;
    if (this.#target && old && old.width >= width && old.height >= height) return this.#target;
    const texture = this.#device.createTexture({
      label: 'emotion-cam picture',
      size: [Math.max(width, old?.width ?? 0), Math.max(height, old?.height ?? 0)],
      format: 'rgba8unorm',
      usage:
        GPUTextureUsage.TEXTURE_BINDING |
        GPUTextureUsage.COPY_DST |
        GPUTextureUsage.RENDER_ATTACHMENT, // copyExternalImageToTexture asks for it
    });
    old?.destroy();
    this.#target = { texture, bindGroup: this.#bind(this.#copied, texture.createView()) };
    return this.#target;
  }

  #bind(pipeline: GPUComputePipeline, picture: GPUTextureView | GPUExternalTexture): GPUBindGroup {
    const resources = [
      { buffer: this.#uniform },
      picture,
      this.#sampler,
      { buffer: this.#pixels },
    ] as const;
    return this.#device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  }

  /** @param box - the part of the frame that lies in the texture, in its corner */
  #writeUniform({ origin, right, down, step }: Placement, box: Box, texture: FrameSize): void {
    const bytes = new ArrayBuffer(CROP_UNIFORM_BYTES);
    new Float32Array(bytes).set([
      ...[origin[0] - box.x, origin[1] - box.y],
      ...right,
      ...down,
      ...[box.width - 0.5, box.height - 0.5],
      ...[1 / texture.width, 1 / texture.height],
    ]);
    const places = Math.min(Math.max(1, Math.ceil(step - 1e-6)), MOST_PLACES);
    new Uint32Array(bytes)[10] = places;
    this.#device.queue.writeBuffer(this.#uniform, 0, bytes);
  }

  #record(pipeline: GPUComputePipeline, bindGroup: GPUBindGroup): RecordPixels {
    const across = cropWorkgroups(this.#size);
    return (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(across, across);
    };
  }
}

function orElse<T>(first: () => T, second: () => T): T {
  try {
    return first();
  } catch {
    return second();
  }
}

/** What every browser copies to textures. */
type Copyable = HTMLCanvasElement | OffscreenCanvas | ImageBitmap;

function isCopyable(frame: Frame): frame is Copyable {
  return (
    frame instanceof ImageBitmap ||
    frame instanceof OffscreenCanvas ||
    // There is none in a worker.
    (typeof HTMLCanvasElement === 'function' && frame instanceof HTMLCanvasElement)
  );
}
