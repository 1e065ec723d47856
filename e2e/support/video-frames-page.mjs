/** The page of e2e/video-frames: crops of frames that lie on the graphics card. */
import { FaceCropper } from '../../packages/sdk/dist/webgpu/face-cropper.js';

const SIZE = 224;
/** Half as many pixels of the frame as of the crop, and turned. */
const ZOOM = { a: 1.8, b: 0.5, c: -0.5, d: 1.8, e: -60, f: -120 };

/** @returns {OffscreenCanvas} something with edges and colours, 320x240 */
function draw() {
  const canvas = new OffscreenCanvas(320, 240);
  const context = canvas.getContext('2d');
  const gradient = context.createLinearGradient(0, 0, 320, 240);
  gradient.addColorStop(0, 'navy');
  gradient.addColorStop(0.5, 'sandybrown');
  gradient.addColorStop(1, 'seagreen');
  context.fillStyle = gradient;
  context.fillRect(0, 0, 320, 240);
  context.fillStyle = 'white';
  context.fillRect(90, 80, 40, 30);
  context.fillStyle = 'black';
  context.fillRect(140, 120, 30, 50);
  return canvas;
}

/** Luma of the drawing and colours that change slowly, as cameras give them. @param {'I420' | 'NV12'} format */
function planes(format) {
  const { data } = draw().getContext('2d').getImageData(0, 0, 320, 240);
  const luma = Uint8Array.from({ length: 320 * 240 }, (_, i) => 16 + data[4 * i + 1] * 0.8);
  const blue = Uint8Array.from({ length: 160 * 120 }, (_, i) => 100 + (i % 160) / 4);
  const red = Uint8Array.from({ length: 160 * 120 }, (_, i) => 150 - Math.floor(i / 160) / 3);
  const pairs = Uint8Array.from({ length: 2 * 160 * 120 }, (_, i) => (i % 2 ? red : blue)[i >> 1]);
  const colours = format === 'I420' ? [blue, red] : [pairs];
  const all = new Uint8Array(320 * 240 * 1.5);
  let at = 0;
  for (const plane of [luma, ...colours]) {
    all.set(plane, at);
    at += plane.length;
  }
  return all;
}

const SIZED = { codedWidth: 320, codedHeight: 240, timestamp: 0 };

/** A frame of each kind. @type {Record<string, () => Promise<VideoFrame>>} */
const FRAMES = {
  canvas: async () => new VideoFrame(draw(), { timestamp: 0 }),
  RGBA: async () => {
    const { data } = draw().getContext('2d').getImageData(0, 0, 320, 240);
    return new VideoFrame(data, { ...SIZED, format: 'RGBA' });
  },
  I420: async () => new VideoFrame(planes('I420'), { ...SIZED, format: 'I420' }),
  NV12: async () => new VideoFrame(planes('NV12'), { ...SIZED, format: 'NV12' }),
  black: async () => new VideoFrame(new Uint8Array(320 * 240 * 4), { ...SIZED, format: 'RGBX' }),
  clip: async () => {
    const video = Object.assign(document.createElement('video'), { src: 'clip.webm', muted: true });
    await new Promise((resolve, reject) => {
      video.onseeked = resolve;
      video.onerror = reject;
      video.onloadedmetadata = () => (video.currentTime = 0.5);
    });
    return new VideoFrame(video);
  },
};

/** What is wrong with a browser. @type {Record<string, (device: GPUDevice) => void>} */
const FAULTS = {
  none: () => {},
  throws(device) {
    device.importExternalTexture = () => {
      throw new DOMException('Failed to import texture from video', 'OperationError');
    };
  },
  'is not valid'(device) {
    const original = device.importExternalTexture.bind(device);
    device.importExternalTexture = (descriptor) => {
      device.createBuffer({ size: 4, usage: 0 }); // an error as a texture that is none makes it
      return original(descriptor);
    };
  },
  'shows something else'(device) {
    const original = device.importExternalTexture.bind(device);
    const other = new VideoFrame(new Uint8Array(320 * 240 * 4), { ...SIZED, format: 'RGBA' });
    device.importExternalTexture = () => original({ source: other });
  },
};

/**
 * Crops a frame again and again until it is imported, or for a while.
 *
 * @param {keyof typeof FRAMES} kind
 * @param {keyof typeof FAULTS} fault
 * @returns {Promise<{ isImported: boolean, mean: number, largest: number, errors: string[] }>} differences
 *   of the last crop to the first, which was copied
 */
globalThis.cropFrames = async (kind, fault) => {
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  const errors = [];
  device.onuncapturederror = ({ error }) => errors.push(error.message);
  const { COPY_SRC, COPY_DST, MAP_READ, STORAGE } = GPUBufferUsage;
  const pixels = device.createBuffer({ size: SIZE * SIZE * 3 * 4, usage: STORAGE | COPY_SRC });
  const cropper = await FaceCropper.create(device, { size: SIZE, pixels });
  FAULTS[fault](device);
  const original = device.importExternalTexture.bind(device);
  let imports = 0;
  device.importExternalTexture = (descriptor) => {
    imports++;
    return original(descriptor);
  };
  const frame = await FRAMES[kind]();
  const crop = async () => {
    const record = cropper.cut(frame, ZOOM);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass);
    pass.end();
    const copy = device.createBuffer({ size: pixels.size, usage: MAP_READ | COPY_DST });
    encoder.copyBufferToBuffer(pixels, 0, copy, 0, pixels.size);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const values = new Float32Array(copy.getMappedRange().slice(0));
    copy.destroy();
    return values;
  };
  const first = await crop();
  const tried = imports;
  let last = first;
  for (let i = 0; i < 10 && imports === tried; i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    last = await crop();
  }
  frame.close();
  cropper.dispose();
  const differences = Array.from(last, (value, i) => Math.abs(value - first[i]));
  const result = {
    isImported: imports > tried,
    mean: differences.reduce((sum, one) => sum + one) / differences.length,
    largest: differences.reduce((most, one) => Math.max(most, one)),
    errors,
  };
  device.destroy();
  return result;
};
