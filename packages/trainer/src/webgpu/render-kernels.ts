import { CHANNEL_MEAN, CHANNEL_STD } from 'emotion-cam/network';
import {
  addLanes,
  float,
  kernel,
  LINEAR_THREADS,
  linearMain,
  type Kernel,
  VALUES,
} from './kernel.js';
import { SETTINGS, SETTINGS_BINDING } from './settings.js';

/**
 * What `renderInput` and `mixBatch` do, on the device: decoded images come as bytes. Only the noise of
 * erased rectangles is another.
 */

/** One image of the batch; `picture-list.ts` writes it. */
export const PICTURE = `
struct Picture {
  xx: f32, xy: f32, x0: f32, yx: f32, yy: f32, y0: f32,
  first: u32, width: u32, height: u32, samples: u32,
  isGrey: u32, blur: f32, brightness: f32, contrast: f32,
  eraseLeft: u32, eraseTop: u32, eraseRight: u32, eraseBottom: u32, eraseSeed: u32,
  padding: u32,
}

/** Its luma (ITU-R BT.601) where the picture has lost its colour. */
fn coloured(value: vec3f, isGrey: u32) -> vec3f {
  return select(value, vec3f(dot(value, vec3f(0.299, 0.587, 0.114))), isGrey != 0u);
}
`;

const PICTURES = { name: 'pictures', access: 'read', type: 'array<Picture>' } as const;

/** Resamples the pictures. Bindings: bytes; pictures; RGB, 0..255, [N,S,S,4]. */
export function resampleKernel(images: number, size: number): Kernel {
  return kernel(
    'resample',
    [],
    [
      { name: 'bytes', access: 'read', type: 'array<u32>' },
      PICTURES,
      { name: 'raw', access: 'write' },
    ],
    `${PICTURE}
fn pixelAt(first: u32) -> vec3f {
  let at = vec3u(first, first + 1u, first + 2u);
  let words = vec3u(bytes[at.x / 4u], bytes[at.y / 4u], bytes[at.z / 4u]);
  return vec3f((words >> (at % 4u * 8u)) & vec3u(255u));
}
${linearMain(
  `${images * size ** 2}u`,
  `  let image = index / ${size ** 2}u;
  let row = f32(index / ${size}u % ${size}u);
  let column = f32(index % ${size}u);
  let picture = pictures[image];
  let last = vec2f(f32(picture.width - 1u), f32(picture.height - 1u));
  let step = 1.0 / f32(picture.samples);
  var sum = vec3f();
  for (var j = 0u; j < picture.samples; j++) {
    let v = row + (f32(j) + 0.5) * step - 0.5;
    for (var i = 0u; i < picture.samples; i++) {
      let u = column + (f32(i) + 0.5) * step - 0.5;
      let x = clamp(picture.xx * u + picture.xy * v + picture.x0, 0.0, last.x);
      let y = clamp(picture.yx * u + picture.yy * v + picture.y0, 0.0, last.y);
      let left = u32(x);
      let top = u32(y);
      let right = select(0u, 3u, left + 1u < picture.width);
      let a = picture.first + (top * picture.width + left) * 3u;
      let b = select(a, a + picture.width * 3u, top + 1u < picture.height);
      let upper = mix(pixelAt(a), pixelAt(a + right), x - f32(left));
      let lower = mix(pixelAt(b), pixelAt(b + right), x - f32(left));
      sum += mix(upper, lower, y - f32(top));
    }
  }
  raw[index] = vec4f(sum * step * step, 0.0);`,
)}`,
  );
}

/** A Gaussian blur along one axis. Bindings: pictures; RGB; blurred RGB. */
export function blurKernel(images: number, size: number, axis: 'x' | 'y'): Kernel {
  const stride = axis === 'x' ? 1 : size;
  return kernel(
    `blur along ${axis}`,
    [],
    [PICTURES, { name: 'raw', access: 'read' }, { name: 'blurred', access: 'write' }],
    PICTURE +
      linearMain(
        `${images * size ** 2}u`,
        `  let deviation = pictures[index / ${size ** 2}u].blur;
  if (deviation == 0.0) {
    blurred[index] = raw[index];
    return;
  }
  let place = i32(index / ${stride}u % ${size}u);
  let radius = i32(max(1.0, ceil(3.0 * deviation)));
  var sum = vec4f();
  var weights = 0.0;
  for (var i = -radius; i <= radius; i++) {
    let weight = exp(-f32(i * i) / (2.0 * deviation * deviation));
    let other = clamp(place + i, 0, ${size - 1});
    sum += weight * raw[i32(index) + (other - place) * ${stride}];
    weights += weight;
  }
  blurred[index] = sum / weights;`,
      ),
  );
}

/** Means over pixels and channels. Bindings: pictures; RGB; means [N]. A workgroup for each image. */
export function pictureMeanKernel(size: number): Kernel {
  return kernel(
    'picture means',
    [],
    [PICTURES, { name: 'raw', access: 'read' }, { name: 'means', access: 'write', type: VALUES }],
    `${PICTURE}
var<workgroup> lanes: array<f32, ${LINEAR_THREADS}>;

@compute @workgroup_size(${LINEAR_THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let isGrey = pictures[group.x].isGrey;
  var sum = 0.0;
  for (var pixel = thread; pixel < ${size ** 2}u; pixel += ${LINEAR_THREADS}u) {
    sum += dot(coloured(raw[group.x * ${size ** 2}u + pixel].xyz, isGrey), vec3f(1.0));
  }
  lanes[thread] = sum;
${addLanes(['lanes'], LINEAR_THREADS, 1, 'thread')}
  if (thread == 0u) { means[group.x] = lanes[0] / ${size ** 2 * 3}.0; }
}
`,
  );
}

/**
 * Colour changes, normalisation, erasing and mixing. Bindings: settings; pictures; means; RGB; images
 * [N,S+2b,S+2b,4], whose border is left as it is.
 */
export function finishPicturesKernel(images: number, size: number, border: number): Kernel {
  const triple = (values: readonly number[]): string => `vec3f(${values.map(float).join(', ')})`;
  return kernel(
    'finish pictures',
    [],
    [
      SETTINGS_BINDING,
      PICTURES,
      { name: 'means', access: 'read', type: VALUES },
      { name: 'raw', access: 'read' },
      { name: 'images', access: 'write' },
    ],
    `${SETTINGS}${PICTURE}
/** Noise of mean 0 and standard deviation 1 (Jarzynski and Olano's pcg3d). */
fn noise(seed: u32, column: u32, row: u32) -> vec3f {
  var v = vec3u(column, row, seed) * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3u(16u);
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  return (vec3f(v >> vec3u(8u)) / 8388608.0 - 1.0) * ${float(Math.sqrt(3))};
}

/** A pixel as the network sees it, before mixing. */
fn finished(image: u32, row: u32, column: u32) -> vec3f {
  let picture = pictures[image];
  if (row >= picture.eraseTop && row < picture.eraseBottom && column >= picture.eraseLeft && column < picture.eraseRight) {
    return noise(picture.eraseSeed, column, row);
  }
  let value = coloured(raw[(image * ${size}u + row) * ${size}u + column].xyz, picture.isGrey);
  let constant = means[image] * (1.0 - picture.contrast) * picture.brightness;
  let adjusted = clamp(value * (picture.contrast * picture.brightness) + constant, vec3f(0.0), vec3f(255.0));
  return adjusted * ${triple(CHANNEL_STD.map((std) => 1 / (255 * std)))} - ${triple(CHANNEL_MEAN.map((mean, i) => mean / CHANNEL_STD[i]!))};
}
${linearMain(
  `${images * size ** 2}u`,
  `  let image = index / ${size ** 2}u;
  let row = index / ${size}u % ${size}u;
  let column = index % ${size}u;
  let isInBox = row >= settings.top && row < settings.bottom && column >= settings.left && column < settings.right;
  let share = select(settings.ownShare, settings.ownShareInBox, isInBox);
  var value = finished(image, row, column);
  if (share < 1.0) { value = mix(finished((image + 1u) % ${images}u, row, column), value, share); }
  images[(image * ${size + 2 * border}u + row + ${border}u) * ${size + 2 * border}u + column + ${border}u] = vec4f(value, 0.0);`,
)}`,
  );
}
