import type { NetworkConfig } from '../network/config.js';
import { kernel, repeat, type Kernel } from './kernel.js';
import { FLOAT32, type Storage } from './storage.js';

const THREADS = 256;

/** The heads, in numbers; quads of channels, of latent features' widths. */
export interface HeadShape {
  /** Pixels of the last map. */
  readonly rows: number;
  readonly featureQuads: number;
  readonly latentFeatures: number;
  readonly latentWidth: number;
  readonly classes: number;
  readonly delta: number;
  readonly similarity: NetworkConfig['similarity'];
}

/**
 * Mean of the last map over its pixels, into `features`; all threads share in it.
 * `parts`, of {@link partVectors} vectors, holds partial sums.
 */
function meanOfMap({ rows, featureQuads }: HeadShape, storage: Storage): string {
  const columns = Math.min(THREADS, featureQuads);
  const shares = Math.floor(THREADS / columns);
  return `
  for (var quad = thread % ${columns}u; quad < ${featureQuads}u; quad += ${columns}u) {
    let share = thread / ${columns}u;
    if (share < ${shares}u) {
      var sum = vec4f();
      for (var row = share; row < ${rows}u; row += ${shares}u) {
        sum += ${storage.load(`map[row * ${featureQuads}u + quad]`)};
      }
      parts[share * ${featureQuads}u + quad] = sum;
    }
  }
  workgroupBarrier();
  for (var quad = thread; quad < ${featureQuads}u; quad += ${THREADS}u) {
    var sum = vec4f();
    for (var share = 0u; share < ${shares}u; share++) {
      sum += parts[share * ${featureQuads}u + quad];
    }
    features[quad] = sum / ${rows}.0;
  }
  workgroupBarrier();`;
}

/**
 * A fully connected layer of one workgroup, [Cin] -> [Cout], into the array `into`; `value` makes the
 * output of `sum`. The weights begin at `start`: Cin rows of Cout, then the bias.
 */
function dense(options: {
  readonly from: string;
  readonly inputQuads: number;
  readonly into: string;
  readonly outputQuads: number;
  readonly start: string;
  readonly value: string;
  readonly storage: Storage;
}): string {
  const { from, inputQuads, into, outputQuads, start, value, storage } = options;
  const columns = Math.min(THREADS, outputQuads);
  const shares = Math.floor(THREADS / columns);
  return `
  for (var quad = thread % ${columns}u; quad < ${outputQuads}u; quad += ${columns}u) {
    let share = thread / ${columns}u;
    if (share < ${shares}u) {
      var sum = vec4f();
      for (var input = share; input < ${inputQuads}u; input += ${shares}u) {
        let at = ${start} + input * ${4 * outputQuads}u + quad;
        let value = ${from}[input];
${repeat(4, (i) => `        sum = fma(vec4f(value.${'xyzw'[i]!}), ${storage.load(`weights[at + ${i * outputQuads}u]`)}, sum);`)}
      }
      parts[share * ${outputQuads}u + quad] = sum;
    }
  }
  workgroupBarrier();
  for (var quad = thread; quad < ${outputQuads}u; quad += ${THREADS}u) {
    var sum = ${storage.load(`weights[${start} + ${4 * inputQuads * outputQuads}u + quad]`)};
    for (var share = 0u; share < ${shares}u; share++) {
      sum += parts[share * ${outputQuads}u + quad];
    }
    ${into}[quad] = ${value};
  }
  workgroupBarrier();`;
}

/** Vectors that the partial sums of layers of these widths take. */
function partVectors(...quads: readonly number[]): number {
  return Math.max(THREADS, ...quads);
}

/** Vectors of one latent feature's weights: equation 1, then W_s and W_e, each with its bias. */
export function branchVectors({ featureQuads, latentWidth }: HeadShape): number {
  const latentQuads = Math.ceil(latentWidth / 4);
  return (4 * featureQuads + 1 + 2 * (4 * latentQuads + 1)) * latentQuads;
}

/**
 * Feature decomposition and the part of the reconstruction that latent features do for themselves
 * (paper, equations 1 and 2): one workgroup for each of the M features.
 *
 * Bindings: the last map [rows,p]; weights as `packBranches` lays them out; f and g, [M,2,D].
 */
export function decompositionKernel(shape: HeadShape, storage: Storage): Kernel {
  const { featureQuads, latentWidth } = shape;
  const latentQuads = Math.ceil(latentWidth / 4);
  const intraStart = (4 * featureQuads + 1) * latentQuads;
  const interStart = intraStart + (4 * latentQuads + 1) * latentQuads;
  const relu = 'max(sum, vec4f())';
  return kernel(
    'decomposition',
    storage,
    [
      { name: 'map', access: 'read', type: `array<${storage.type}>` },
      { name: 'weights', access: 'read', type: `array<${storage.type}>` },
      { name: 'latents', access: 'write', type: 'array<vec4f>' },
    ],
    `
var<workgroup> parts: array<vec4f, ${partVectors(featureQuads, latentQuads)}>;
var<workgroup> features: array<vec4f, ${featureQuads}>;
var<workgroup> latent: array<vec4f, ${latentQuads}>;
var<workgroup> other: array<vec4f, ${latentQuads}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let start = group.x * ${branchVectors(shape)}u;
${meanOfMap(shape, storage)}
${dense({ from: 'features', inputQuads: featureQuads, into: 'latent', outputQuads: latentQuads, start: 'start', value: relu, storage })}
${dense({ from: 'latent', inputQuads: latentQuads, into: 'other', outputQuads: latentQuads, start: `start + ${intraStart}u`, value: '1.0 / (1.0 + exp(-sum))', storage })}
  // alpha is the mean over D; D need not fill the last vector.
  var alpha = 0.0;
  for (var d = 0u; d < ${latentWidth}u; d++) {
    alpha += other[d / 4u][d % 4u];
  }
  alpha /= ${latentWidth}.0;
  workgroupBarrier();
  for (var quad = thread; quad < ${latentQuads}u; quad += ${THREADS}u) {
    latent[quad] *= alpha;
    latents[group.x * ${2 * latentQuads}u + quad] = latent[quad];
  }
  workgroupBarrier();
${dense({ from: 'latent', inputQuads: latentQuads, into: 'other', outputQuads: latentQuads, start: `start + ${interStart}u`, value: relu, storage })}
  for (var quad = thread; quad < ${latentQuads}u; quad += ${THREADS}u) {
    latents[group.x * ${2 * latentQuads}u + ${latentQuads}u + quad] = other[quad];
  }
}
`,
  );
}

/** S of equation 3 between vertices j and m, from their product and their squared lengths. */
const SIMILARITY: Readonly<Record<NetworkConfig['similarity'], (width: number) => string>> = {
  dot: (width) => `product / ${Math.sqrt(width)}f`,
  cosine: () => 'product / sqrt((squares[j] + 1e-12) * (squares[m] + 1e-12))',
  euclidean: () => '1.0 / (1.0 + sqrt(max(squares[j] + squares[m] - 2.0 * product, 0.0) + 1e-12))',
};

/**
 * The graph over the latent features and the expression prediction (paper, equations 3 to 6): one
 * workgroup. Equation 6 sums over the vertices, so of equation 4 only the sums of the relation's
 * columns are needed.
 *
 * Bindings: f and g, [M,2,D]; weights as `packClassifier` lays them out; logits [K].
 */
export function reconstructionKernel(shape: HeadShape): Kernel {
  const { latentFeatures: m, latentWidth, delta, similarity } = shape;
  const latentQuads = Math.ceil(latentWidth / 4);
  return kernel(
    'reconstruction',
    FLOAT32,
    [
      { name: 'latents', access: 'read', type: 'array<vec4f>' },
      { name: 'weights', access: 'read', type: 'array<vec4f>' },
      { name: 'logits', access: 'write', type: 'array<f32>' },
    ],
    `
var<workgroup> vertices: array<vec4f, ${m * latentQuads}>; // g
var<workgroup> squares: array<f32, ${m}>;
var<workgroup> relation: array<f32, ${m * m}>;
var<workgroup> features: array<vec4f, ${latentQuads}>; // y of equation 6

fn dotOf(j: u32, m: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < ${latentQuads}u; i++) {
    sum += dot(vertices[j * ${latentQuads}u + i], vertices[m * ${latentQuads}u + i]);
  }
  return sum;
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32) {
  for (var i = thread; i < ${m * latentQuads}u; i += ${THREADS}u) {
    vertices[i] = latents[(i / ${latentQuads}u * 2u + 1u) * ${latentQuads}u + i % ${latentQuads}u];
  }
  workgroupBarrier();
  for (var m = thread; m < ${m}u; m += ${THREADS}u) {
    squares[m] = dotOf(m, m);
  }
  workgroupBarrier();
  for (var i = thread; i < ${m * m}u; i += ${THREADS}u) {
    let j = i / ${m}u;
    let m = i % ${m}u;
    let product = dotOf(j, m);
    let alike = ${SIMILARITY[similarity](latentWidth)};
    // Some drivers' tanh overflows; beyond 10 it is 1 in any case.
    relation[i] = select(tanh(clamp(alike, -10.0, 10.0)), 0.0, j == m);
  }
  workgroupBarrier();
  for (var quad = thread; quad < ${latentQuads}u; quad += ${THREADS}u) {
    var sum = vec4f();
    for (var m = 0u; m < ${m}u; m++) {
      var weight = 0.0;
      for (var j = 0u; j < ${m}u; j++) {
        weight += relation[j * ${m}u + m];
      }
      sum += ${delta}f * latents[m * ${2 * latentQuads}u + quad] + ${1 - delta}f * weight * vertices[m * ${latentQuads}u + quad];
    }
    features[quad] = sum;
  }
  workgroupBarrier();
${classify(latentQuads, shape.classes)}
}
`,
  );
}

/** The last layer: a row of weights for each class, then their biases. */
function classify(featureQuads: number, classes: number): string {
  return `
  if (thread < ${classes}u) {
    var sum = weights[${classes * featureQuads}u + thread / 4u][thread % 4u];
    for (var quad = 0u; quad < ${featureQuads}u; quad++) {
      sum += dot(features[quad], weights[thread * ${featureQuads}u + quad]);
    }
    logits[thread] = sum;
  }`;
}

/**
 * Global average pooling and one fully connected layer: the paper's "w/o FDRL".
 *
 * Bindings: the last map [rows,p]; weights as `packClassifier` lays them out; logits [K].
 */
export function linearKernel(shape: HeadShape, storage: Storage): Kernel {
  const { featureQuads, classes } = shape;
  return kernel(
    'linear',
    storage,
    [
      { name: 'map', access: 'read', type: `array<${storage.type}>` },
      { name: 'weights', access: 'read', type: 'array<vec4f>' },
      { name: 'logits', access: 'write', type: 'array<f32>' },
    ],
    `
var<workgroup> parts: array<vec4f, ${partVectors(featureQuads)}>;
var<workgroup> features: array<vec4f, ${featureQuads}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32) {
${meanOfMap(shape, storage)}
${classify(featureQuads, classes)}
}
`,
  );
}
