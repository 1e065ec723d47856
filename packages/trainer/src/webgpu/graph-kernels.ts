import type { NetworkConfig } from 'emotion-cam/network';
import { float, kernel, type Kernel, VALUES } from './kernel.js';

/** Threads of a workgroup, which works on one image. */
const THREADS = 64;

/** `tiny` of the root functions of emotion-cam/network's reconstruction. */
const TINY = '1e-12';

/** S of equation 3 from the dot product of two vertices and both squared lengths. */
const SIMILARITY: Readonly<Record<NetworkConfig['similarity'], (width: number) => string>> = {
  dot: (width) => `return dot * ${float(1 / Math.sqrt(width))};`,
  cosine: () => `return dot / (sqrt(a + ${TINY}) * sqrt(b + ${TINY}));`,
  euclidean: () => `return 1.0 / (sqrt(max(a + b - 2.0 * dot, 0.0) + ${TINY}) + 1.0);`,
};

/** Its derivatives with respect to the dot product and to the first squared length. */
const SIMILARITY_SLOPE: Readonly<Record<NetworkConfig['similarity'], (width: number) => string>> = {
  dot: (width) => `return vec2f(${float(1 / Math.sqrt(width))}, 0.0);`,
  cosine: () => `
  let product = sqrt(a + ${TINY}) * sqrt(b + ${TINY});
  return vec2f(1.0 / product, -0.5 * dot / (product * (a + ${TINY})));`,
  euclidean: () => `
  let squared = a + b - 2.0 * dot;
  let root = sqrt(max(squared, 0.0) + ${TINY});
  let slope = select(0.0, -0.5 / ((root + 1.0) * (root + 1.0) * root), squared > 0.0);
  return vec2f(-2.0 * slope, slope);`,
};

/** Vertices of one image in workgroup memory would not fit; their products do: `products` of all pairs. */
function products({
  latentFeatures: features,
  latentWidth: width,
  similarity,
}: NetworkConfig): string {
  return `
/** Dot products of all pairs of vertices of this image. */
var<workgroup> products: array<f32, ${features ** 2}>;

fn similarity(dot: f32, a: f32, b: f32) -> f32 {
  ${SIMILARITY[similarity](width)}
}

fn multiply(image: u32, thread: u32) {
  for (var pair = thread; pair < ${features ** 2}u; pair += ${THREADS}u) {
    let j = (image * ${features}u + pair / ${features}u) * ${width}u;
    let m = (image * ${features}u + pair % ${features}u) * ${width}u;
    var sum = 0.0;
    for (var d = 0u; d < ${width}u; d++) { sum = fma(vertices[j + d], vertices[m + d], sum); }
    products[pair] = sum;
  }
  workgroupBarrier();
}

/** w(j,m) of equation 3; 0 on the diagonal. */
fn relation(j: u32, m: u32) -> f32 {
  let s = similarity(products[j * ${features}u + m], products[j * ${features + 1}u], products[m * ${features + 1}u]);
  return select(tanh(s), 0.0, j == m);
}

/** How strongly feature m enters all features. */
fn influence(m: u32) -> f32 {
  var sum = 0.0;
  for (var j = 0u; j < ${features}u; j++) { sum += relation(j, m); }
  return sum;
}
`;
}

/**
 * The graph of the latent features and the expression feature (paper, equations 3 to 6). Bindings:
 * vertices g [N,M,D]; f [N,M,D]; y [N,D]. A workgroup for each image.
 */
export function graphKernel(network: NetworkConfig): Kernel {
  const { latentFeatures: features, latentWidth: width, delta } = network;
  return kernel(
    `graph, ${network.similarity}`,
    [],
    [
      { name: 'vertices', access: 'read', type: VALUES },
      { name: 'intra', access: 'read', type: VALUES },
      { name: 'expression', access: 'write', type: VALUES },
    ],
    `${products(network)}
var<workgroup> influences: array<f32, ${features}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  multiply(group.x, thread);
  for (var m = thread; m < ${features}u; m += ${THREADS}u) { influences[m] = influence(m); }
  workgroupBarrier();
  for (var d = thread; d < ${width}u; d += ${THREADS}u) {
    var own = 0.0;
    var others = 0.0;
    for (var m = 0u; m < ${features}u; m++) {
      let at = (group.x * ${features}u + m) * ${width}u + d;
      own += intra[at];
      others = fma(influences[m], vertices[at], others);
    }
    expression[group.x * ${width}u + d] = ${float(delta)} * own + ${float(1 - delta)} * others;
  }
}
`,
  );
}

/**
 * Its gradient. Bindings: dL/dy [N,D]; vertices; dL/d(the vertices' sums before ReLU); dL/df, but for what
 * comes through the vertices.
 */
export function graphGradientKernel(network: NetworkConfig): Kernel {
  const { latentFeatures: features, latentWidth: width, delta, similarity } = network;
  return kernel(
    `graph gradient, ${similarity}`,
    [],
    [
      { name: 'gradient', access: 'read', type: VALUES },
      { name: 'vertices', access: 'read', type: VALUES },
      { name: 'dSums', access: 'write', type: VALUES },
      { name: 'dIntra', access: 'write', type: VALUES },
    ],
    `${products(network)}
var<workgroup> influences: array<f32, ${features}>;
/** dL/dw(j,m), which is the same for every j. */
var<workgroup> dRelation: array<f32, ${features}>;
/** dL/d(dot product) of (j,m) and of (m,j) together; on the diagonal twice dL/d(squared length). */
var<workgroup> slopes: array<f32, ${features ** 2}>;

fn slopeOf(dot: f32, a: f32, b: f32) -> vec2f {
  ${SIMILARITY_SLOPE[similarity](width)}
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  multiply(group.x, thread);
  for (var m = thread; m < ${features}u; m += ${THREADS}u) {
    influences[m] = influence(m);
    var sum = 0.0;
    for (var d = 0u; d < ${width}u; d++) {
      sum = fma(gradient[group.x * ${width}u + d], vertices[(group.x * ${features}u + m) * ${width}u + d], sum);
    }
    dRelation[m] = ${float(1 - delta)} * sum;
  }
  workgroupBarrier();
  for (var pair = thread; pair < ${features ** 2}u; pair += ${THREADS}u) {
    let j = pair / ${features}u;
    let m = pair % ${features}u;
    var slope = 0.0;
    if (j == m) {
      for (var other = 0u; other < ${features}u; other++) {
        if (other != j) { slope += 2.0 * both(j, other).y; }
      }
    } else {
      slope = both(j, m).x;
    }
    slopes[pair] = slope;
  }
  workgroupBarrier();
  for (var at = thread; at < ${features * width}u; at += ${THREADS}u) {
    let j = at / ${width}u;
    let d = at % ${width}u;
    let dy = gradient[group.x * ${width}u + d];
    let own = vertices[group.x * ${features * width}u + at];
    var sum = ${float(1 - delta)} * influences[j] * dy;
    for (var m = 0u; m < ${features}u; m++) {
      sum = fma(slopes[j * ${features}u + m], vertices[(group.x * ${features}u + m) * ${width}u + d], sum);
    }
    dSums[group.x * ${features * width}u + at] = select(0.0, sum, own > 0.0);
    dIntra[group.x * ${features * width}u + at] = ${float(delta)} * dy;
  }
}

/** What w(j,m) and w(m,j) send back to the dot product, and to the squared length of vertex j. */
fn both(j: u32, m: u32) -> vec2f {
  let dot = products[j * ${features}u + m];
  let a = products[j * ${features + 1}u];
  let b = products[m * ${features + 1}u];
  let w = relation(j, m);
  // similarity is symmetric: w(m,j) = w(j,m)
  return (dRelation[m] + dRelation[j]) * (1.0 - w * w) * slopeOf(dot, a, b);
}
`,
  );
}
