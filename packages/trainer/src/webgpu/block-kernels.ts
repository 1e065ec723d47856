import { addLanes, kernel, LINEAR_THREADS, linearMain, type Kernel, VALUES } from './kernel.js';
import { NORM_VECTORS } from './batch-norm-kernels.js';
import { PART_VECTORS, type SliceSize } from './slice-sums.js';

/** Channels that a workgroup's memory has room for. */
export const MOST_ATTENDED_CHANNELS = 1024;
/** Taps of ECA's kernel that its gradient has room for. */
export const MOST_TAPS = 16;

type AttentionSize = 'channels' | 'taps' | Exclude<SliceSize, 'quads'>;
const ATTENTION_SIZES = ['channels', 'taps', 'pixels', 'slicePixels', 'slices'] as const;

/** Means of one image's normalised map into `pooled`, from the moments of its parts. */
const POOL_PARTS = `
  let quads = sizes.channels / 4u;
  for (var quad = thread; quad < quads; quad += ${LINEAR_THREADS}u) {
    let mean = meanOf(image, quad);
    let value = fma(mean, norm[quad * ${NORM_VECTORS}u + 2u], norm[quad * ${NORM_VECTORS}u + 3u]);
    for (var i = 0u; i < 4u; i++) { pooled[quad * 4u + i] = value[i]; }
  }
  workgroupBarrier();`;

const MEAN_OF = `
var<workgroup> pooled: array<f32, ${MOST_ATTENDED_CHANNELS}>;

/** The mean of one image's map before its normalisation. */
fn meanOf(image: u32, quad: u32) -> vec4f {
  var sum = vec4f();
  for (var slice = 0u; slice < sizes.slices; slice++) {
    let pixels = min(sizes.slicePixels, sizes.pixels - slice * sizes.slicePixels);
    let part = (image * sizes.slices + slice) * (sizes.channels / 4u) + quad;
    sum += f32(pixels) * moments[part * ${PART_VECTORS}u];
  }
  return sum / f32(sizes.pixels);
}
`;

/**
 * Channel attention (ECA): s = sigmoid(conv1d(mean of the normalised map)). Bindings: the moments of the
 * map's parts; its normalisation; the kernel [k]; s [N,C]. A workgroup for each image.
 */
export const ATTENTION: Kernel<AttentionSize> = kernel(
  'attention',
  ATTENTION_SIZES,
  [
    { name: 'moments', access: 'read' },
    { name: 'norm', access: 'read' },
    { name: 'weights', access: 'read', type: VALUES },
    { name: 'scale', access: 'write', type: VALUES },
  ],
  `${MEAN_OF}
@compute @workgroup_size(${LINEAR_THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let image = group.x;
${POOL_PARTS}
  for (var channel = thread; channel < sizes.channels; channel += ${LINEAR_THREADS}u) {
    var sum = 0.0;
    for (var tap = 0u; tap < sizes.taps; tap++) {
      let other = i32(channel + tap) - i32(sizes.taps / 2u);
      if (other >= 0 && other < i32(sizes.channels)) { sum = fma(weights[tap], pooled[other], sum); }
    }
    scale[image * sizes.channels + channel] = 1.0 / (1.0 + exp(-sum));
  }
}
`,
);

/**
 * The gradient of z = s y of channel attention, y the normalised map, from the sums of dL/dz and
 * dL/dz * xhat over an image's parts: the sums of dL/dy and dL/dy * xhat over each image, what to add to
 * s dL/dz at every pixel for dL/dy, and the image's share of the kernel's gradient. Bindings: sums;
 * moments; the normalisation; the kernel [k]; s [N,C]; sums of images; addend [N,C]; shares
 * [N,16]. A workgroup for each image.
 */
export const ATTENTION_GRADIENT: Kernel<AttentionSize> = kernel(
  'attention gradient',
  ATTENTION_SIZES,
  [
    { name: 'parts', access: 'read' },
    { name: 'moments', access: 'read' },
    { name: 'norm', access: 'read' },
    { name: 'weights', access: 'read', type: VALUES },
    { name: 'scale', access: 'read' },
    { name: 'sums', access: 'write' },
    { name: 'spread', access: 'write' },
    { name: 'shares', access: 'write', type: VALUES },
  ],
  `${MEAN_OF}
/** dL/dx of the sigmoid. */
var<workgroup> slopes: array<f32, ${MOST_ATTENDED_CHANNELS}>;
var<workgroup> lanes: array<f32, ${LINEAR_THREADS}>;

struct Sums { plain: vec4f, centred: vec4f }

/** Of dL/dz and of dL/dz * xhat, over one image. */
fn sumsOf(image: u32, quad: u32) -> Sums {
  var plain = vec4f();
  var centred = vec4f();
  for (var slice = 0u; slice < sizes.slices; slice++) {
    let part = ((image * sizes.slices + slice) * (sizes.channels / 4u) + quad) * ${PART_VECTORS}u;
    plain += parts[part];
    centred += parts[part + 1u];
  }
  return Sums(plain, centred);
}

@compute @workgroup_size(${LINEAR_THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let image = group.x;
${POOL_PARTS}
  for (var quad = thread; quad < quads; quad += ${LINEAR_THREADS}u) {
    let sum = sumsOf(image, quad);
    let s = scale[image * quads + quad];
    let at = quad * ${NORM_VECTORS}u;
    // dL/ds = sum of dL/dz y, and y = gamma xhat + beta
    let slope = (norm[at + 4u] * sum.centred + norm[at + 5u] * sum.plain) * s * (1.0 - s);
    for (var i = 0u; i < 4u; i++) { slopes[quad * 4u + i] = slope[i]; }
  }
  workgroupBarrier();
  let half = i32(sizes.taps / 2u);
  let channels = i32(sizes.channels);
  for (var quad = thread; quad < quads; quad += ${LINEAR_THREADS}u) {
    var dMean = vec4f();
    for (var i = 0u; i < 4u; i++) {
      for (var tap = 0; tap < i32(sizes.taps); tap++) {
        let other = i32(quad * 4u + i) - tap + half;
        if (other >= 0 && other < channels) { dMean[i] = fma(weights[tap], slopes[other], dMean[i]); }
      }
    }
    let sum = sumsOf(image, quad);
    let s = scale[image * quads + quad];
    let at = quad * ${NORM_VECTORS}u;
    let xhat = (meanOf(image, quad) - norm[at]) * norm[at + 1u];
    let out = (image * quads + quad) * ${PART_VECTORS}u;
    sums[out] = fma(s, sum.plain, dMean);
    sums[out + 1u] = fma(s, sum.centred, dMean * xhat);
    spread[image * quads + quad] = dMean / f32(sizes.pixels);
  }
  for (var tap = 0; tap < i32(sizes.taps); tap++) {
    var share = 0.0;
    for (var channel = i32(thread); channel < channels; channel += ${LINEAR_THREADS}) {
      let other = channel + tap - half;
      if (other >= 0 && other < channels) { share = fma(slopes[channel], pooled[other], share); }
    }
    lanes[thread] = share;
${addLanes(['lanes'], LINEAR_THREADS, 1, 'thread')}
    if (thread == 0u) { shares[image * ${MOST_TAPS}u + u32(tap)] = lanes[0]; }
    workgroupBarrier();
  }
}
`,
);

/** Adds up the images' shares of the kernel's gradient. Bindings: shares [N,16]; dL/dkernel [k]. */
export const ATTENTION_KERNEL_GRADIENT: Kernel<'taps' | 'images'> = kernel(
  'attention kernel gradient',
  ['taps', 'images'],
  [
    { name: 'shares', access: 'read', type: VALUES },
    { name: 'result', access: 'write', type: VALUES },
  ],
  linearMain(
    'sizes.taps',
    `  var sum = 0.0;
  for (var image = 0u; image < sizes.images; image++) { sum += shares[image * ${MOST_TAPS}u + index]; }
  result[index] = sum;`,
  ),
);

/** What a block's last step reads beside its second convolution. */
export interface BlockEnd {
  readonly isAttended: boolean;
  /** The shortcut is a convolution, still to be normalised, and not the block's input. */
  readonly hasConvolution: boolean;
}

/**
 * The end of a block: ReLU(s * normalised + shortcut). Bindings: x; its normalisation; attended: s [N,C];
 * the shortcut; convolved: its normalisation; y.
 */
export function blockEndKernel({
  isAttended,
  hasConvolution,
}: BlockEnd): Kernel<'count' | 'quads' | 'imageQuads'> {
  const scale = 'scale[index / sizes.imageQuads * sizes.quads + quad]';
  return kernel(
    `block end${isAttended ? ', attended' : ''}${hasConvolution ? ', convolved' : ''}`,
    ['count', 'quads', 'imageQuads'],
    [
      { name: 'x', access: 'read' },
      { name: 'norm', access: 'read' },
      ...(isAttended ? [{ name: 'scale', access: 'read' } as const] : []),
      { name: 'shortcut', access: 'read' },
      ...(hasConvolution ? [{ name: 'shortcutNorm', access: 'read' } as const] : []),
      { name: 'y', access: 'write' },
    ],
    linearMain(
      'sizes.count',
      `  let quad = index % sizes.quads;
  let at = quad * ${NORM_VECTORS}u;
  var sum = fma(x[index], norm[at + 2u], norm[at + 3u])${isAttended ? ` * ${scale}` : ''};
  sum += ${hasConvolution ? 'fma(shortcut[index], shortcutNorm[at + 2u], shortcutNorm[at + 3u])' : 'shortcut[index]'};
  y[index] = max(sum, vec4f());`,
    ),
  );
}
