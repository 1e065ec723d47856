import { kernel, type Kernel } from './kernel.js';
import type { Storage } from './storage.js';

/** Threads of a workgroup: quads of channels side by side, pixels one below the other. */
const QUADS = 16;
const PIXELS = 16;
/** Quads to each side whose means the attention reads: kernels of up to 9 channels. */
const HALO = 1;
export const LARGEST_ATTENTION_KERNEL: number = 2 * 4 * HALO + 1;
/** More workgroups than this would only repeat the attention. */
const MOST_WORKGROUPS = 64;

/** What one dispatch of {@link finishKernel} works on: the fields of its uniform, in order. */
export interface FinishStep {
  /** Pixels of the map. */
  readonly rows: number;
  readonly quads: number;
  /** Partial results to add up. */
  readonly slices: number;
  /** Channel sums to add up, of each channel. */
  readonly sums: number;
  /** Partial results of the shortcut; 0: there is no shortcut. */
  readonly shortcutSlices: number;
  /** k of ECA; 0: no attention. */
  readonly attentionTaps: number;
}

/** The uniform's contents. */
export function finishUniform(step: FinishStep): Uint32Array<ArrayBuffer> {
  const { rows, quads, slices, sums, shortcutSlices, attentionTaps } = step;
  return Uint32Array.of(rows, quads, slices, sums, shortcutSlices, attentionTaps, 0, 0);
}

export function finishWorkgroups({ rows, quads }: FinishStep): [quads: number, rows: number] {
  const across = Math.ceil(quads / QUADS);
  return [across, Math.min(Math.ceil(rows / PIXELS), Math.ceil(MOST_WORKGROUPS / across))];
}

/**
 * What follows a convolution, in one: y = ReLU(s * (sum of slices + bias) + shortcut), where s is ECA's
 * sigmoid(conv1d_k(GAP)) of the channel (paper, 3.2.1), worked out by each workgroup for its own
 * channels. The sizes are in a uniform, so that one pipeline serves all layers; nothing is divided.
 *
 * Bindings: {@link FinishStep}; partial results [slices,rows,C]; channel sums [sums,C]; shortcut
 * [slices,rows,C]; bias [C], bias of the shortcut [C] and ECA's kernel, filled up to a whole vector; y.
 */
export function finishKernel(storage: Storage): Kernel {
  const meanQuads = QUADS + 2 * HALO;
  return kernel(
    'finish',
    storage,
    [
      { name: 'layer', access: 'uniform', type: 'Layer' },
      { name: 'partial', access: 'read', type: `array<${storage.type}>` },
      { name: 'channelSums', access: 'read', type: 'array<vec4f>' },
      { name: 'shortcut', access: 'read', type: `array<${storage.type}>` },
      { name: 'vectors', access: 'read', type: 'array<vec4f>' },
      { name: 'y', access: 'write', type: `array<${storage.type}>` },
    ],
    `
struct Layer {
  rows: u32,
  quads: u32,
  slices: u32,
  sums: u32,
  shortcutSlices: u32,
  attentionTaps: u32,
}

var<workgroup> parts: array<vec4f, ${PIXELS * meanQuads}>;
/** Means of this workgroup's channels and of their neighbours. */
var<workgroup> means: array<vec4f, ${meanQuads}>;

fn attention(channel: u32) -> f32 {
  var sum = 0.0;
  for (var tap = 0u; tap < layer.attentionTaps; tap++) {
    let neighbour = channel + tap + ${4 * HALO}u - layer.attentionTaps / 2u;
    sum += means[neighbour / 4u][neighbour % 4u] * vectors[2u * layer.quads + tap / 4u][tap % 4u];
  }
  return 1.0 / (1.0 + exp(-sum));
}

@compute @workgroup_size(${QUADS}, ${PIXELS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let quad = group.x * ${QUADS}u + thread.x;
  var scale = vec4f(1.0);
  if (layer.attentionTaps > 0u) {
    for (var i = thread.x; i < ${meanQuads}u; i += ${QUADS}u) {
      let channelQuad = i32(group.x * ${QUADS}u + i) - ${HALO};
      var sum = vec4f();
      if (channelQuad >= 0 && channelQuad < i32(layer.quads)) {
        for (var part = thread.y; part < layer.sums; part += ${PIXELS}u) {
          sum += channelSums[part * layer.quads + u32(channelQuad)];
        }
      }
      parts[thread.y * ${meanQuads}u + i] = sum;
    }
    workgroupBarrier();
    for (var i = thread.x; thread.y == 0u && i < ${meanQuads}u; i += ${QUADS}u) {
      let channelQuad = i32(group.x * ${QUADS}u + i) - ${HALO};
      var mean = vec4f(); // beyond the first and last channel ECA's convolution is padded with 0
      if (channelQuad >= 0 && channelQuad < i32(layer.quads)) {
        for (var part = 0u; part < ${PIXELS}u; part++) {
          mean += parts[part * ${meanQuads}u + i];
        }
        mean = mean / f32(layer.rows) + vectors[channelQuad];
      }
      means[i] = mean;
    }
    workgroupBarrier();
    let channel = thread.x * 4u;
    scale = vec4f(attention(channel), attention(channel + 1u), attention(channel + 2u), attention(channel + 3u));
  }
  if (quad >= layer.quads) {
    return;
  }
  let bias = vectors[quad];
  let stride = layer.rows * layer.quads;
  for (var row = group.y * ${PIXELS}u + thread.y; row < layer.rows; row += groups.y * ${PIXELS}u) {
    let at = row * layer.quads + quad;
    var value = bias;
    for (var slice = 0u; slice < layer.slices; slice++) {
      value += ${storage.load('partial[slice * stride + at]')};
    }
    value *= scale;
    if (layer.shortcutSlices > 0u) {
      value += vectors[layer.quads + quad];
      for (var slice = 0u; slice < layer.shortcutSlices; slice++) {
        value += ${storage.load('shortcut[slice * stride + at]')};
      }
    }
    y[at] = ${storage.store('max(value, vec4f())')};
  }
}
`,
  );
}
