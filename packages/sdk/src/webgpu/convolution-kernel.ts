import { kernel, repeat, type Kernel } from './kernel.js';
import type { Storage } from './storage.js';
import { tileLayout, type ConvolutionShape, type Tiling } from './tiling.js';

/** Filter taps in the order of the packed weights: 3x3 row by row, then the shortcut's. */
export function tapCount({ hasShortcut }: ConvolutionShape): number {
  return hasShortcut ? 10 : 9;
}

/** Workgroups of a convolution: column tiles, row tiles, slices. */
export function convolutionWorkgroups(
  shape: ConvolutionShape,
  tiling: Tiling,
): [columns: number, rows: number, slices: number] {
  return [
    Math.ceil(shape.outputQuads / (tiling.threadColumns * tiling.quadsPerThread)),
    Math.ceil(shape.outputSide ** 2 / (tiling.threadRows * tiling.rowsPerThread)),
    tiling.slices,
  ];
}

/**
 * 3x3 convolution with padding 1 as a tiled matrix product. All sizes are constants in the shader, and
 * filter taps are the outer loop, so that addresses are worked out once for each tap and not for each
 * element. Both tiles lie in workgroup memory, in vectors of four channels.
 *
 * Bindings: x [H,W,Cin]; filters as `packConvolution` lays them out; unless sliced, bias [Cout] and one
 * more vector, the lower bound of y (0 is ReLU); y, [slices,rows,Cout]; channel sums of y before bias
 * and bound, [slices,row tiles,Cout]; with a shortcut, its map [slices,rows,Cout] without its bias.
 */
export function convolutionKernel(
  shape: ConvolutionShape,
  tiling: Tiling,
  storage: Storage,
): Kernel {
  const { inputSide, inputQuads, outputSide, outputQuads, stride, hasShortcut } = shape;
  const { rowsPerThread, quadsPerThread, threadRows, threadColumns, depthQuads, slices } = tiling;
  const threads = threadRows * threadColumns;
  const rows = outputSide ** 2;
  const tileRows = threadRows * rowsPerThread;
  const tileQuads = threadColumns * quadsPerThread;
  const sliceQuads = inputQuads / slices;
  const isSliced = slices > 1;
  const maps = `array<${storage.type}>`;

  const { pitch, filterStart, vectors } = tileLayout(tiling);
  const filterVectors = depthQuads * 4 * tileQuads;
  const inputVectors = tileRows * depthQuads;
  const inputLoads = Math.ceil(inputVectors / threads);
  const filterLoads = Math.ceil(filterVectors / threads);
  /** Work for those threads only that have an element; all have in the sizes that matter. */
  const where = (load: number, total: number, statement: string): string =>
    (load + 1) * threads <= total
      ? statement
      : `if (thread + ${load * threads}u < ${total}u) { ${statement} }`;

  const eachOutput = (text: (row: number, quad: number) => string): string =>
    repeat(rowsPerThread, (row) => repeat(quadsPerThread, (quad) => text(row, quad)));

  const zeroed = (sums: string): string =>
    eachOutput((row, quad) => `  var ${sums}${row}${quad} = vec4f();`);

  /**
   * Where each of this thread's rows lies in x for a tap; outside of x it counts as 0. Unsigned, what is
   * above or left of x lies far beyond it.
   */
  const locate = (dy: string, dx: string): string =>
    `    let tapAt = (${dy} * ${inputSide} + ${dx}) * ${inputQuads};\n` +
    repeat(
      inputLoads,
      (load) => `
    let isInside${load} = u32(top${load} + ${dy}) < ${inputSide}u && u32(left${load} + ${dx}) < ${inputSide}u;
    let at${load} = select(0u, u32(centreAt${load} + tapAt), isInside${load});`,
    );

  /** Multiplies one tap's channels into the sums. */
  const accumulate = (sums: string): string => `
    for (var depth = 0u; depth < ${sliceQuads}u; depth += ${depthQuads}u) {
${repeat(inputLoads, (load) => `      let loaded${load} = ${storage.load(`select(${storage.type}(), x[at${load} + depth], isInside${load})`)};`)}
${repeat(filterLoads, (load) => `      let filter${load} = ${storage.load(`filters[filterAt + depth * ${4 * tileQuads}u + ${load * threads}u]`)};`)}
      workgroupBarrier();
${repeat(inputLoads, (load) => `      ${where(load, inputVectors, `tile[storeAt + ${((load * threads) / depthQuads) * pitch}u] = loaded${load};`)}`)}
${repeat(filterLoads, (load) => `      ${where(load, filterVectors, `tile[${filterStart + load * threads}u + thread] = filter${load};`)}`)}
      workgroupBarrier();
${repeat(depthQuads, multiplyQuad(sums))}
    }`;

  const multiplyQuad =
    (sums: string) =>
    (quadOfDepth: number): string => `      {
${repeat(rowsPerThread, (row) => `        let a${row} = tile[readAt + ${row * threadRows * pitch + quadOfDepth}u];`)}
${repeat(4, (channel) => multiplyChannel(sums, quadOfDepth * 4 + channel, 'xyzw'[channel]!))}
      }`;

  const multiplyChannel = (sums: string, channel: number, component: string): string =>
    repeat(
      quadsPerThread,
      (quad) =>
        `        let b${component}${quad} = tile[${filterStart + channel * tileQuads + quad * threadColumns}u + column];`,
    ) +
    '\n' +
    eachOutput(
      (row, quad) =>
        `        ${sums}${row}${quad} = fma(vec4f(a${row}.${component}), b${component}${quad}, ${sums}${row}${quad});`,
    );

  const finished = (row: number, quad: number): string =>
    isSliced
      ? `sum${row}${quad}`
      : `max(sum${row}${quad} + bias[quad${quad}], bias[${outputQuads}u])`;

  const store = (name: string, value: (row: number, quad: number) => string): string =>
    eachOutput(
      (row, quad) =>
        `  if (row${row} < ${rows}u && quad${quad} < ${outputQuads}u) { ${name}[(group.z * ${rows}u + row${row}) * ${outputQuads}u + quad${quad}] = ${storage.store(value(row, quad))}; }`,
    );

  const filterAt = (tap: string): string =>
    `let filterAt = ((group.x * ${tapCount(shape)}u + ${tap}) * ${inputQuads}u + firstQuad) * ${4 * tileQuads}u + thread;`;

  return kernel(
    `convolution ${inputSide}x${inputSide}x${inputQuads * 4} to ${outputSide}x${outputSide}x${outputQuads * 4}`,
    storage,
    [
      { name: 'x', access: 'read', type: maps },
      { name: 'filters', access: 'read', type: maps },
      ...(isSliced ? [] : [{ name: 'bias', access: 'read', type: 'array<vec4f>' } as const]),
      { name: 'y', access: 'write', type: maps },
      { name: 'channelSums', access: 'write', type: 'array<vec4f>' },
      ...(hasShortcut ? [{ name: 'shortcut', access: 'write', type: maps } as const] : []),
    ],
    `
var<workgroup> tile: array<vec4f, ${vectors}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let column = thread % ${threadColumns}u;
  let threadRow = thread / ${threadColumns}u;
  let readAt = threadRow * ${pitch}u;
  let loadQuad = thread % ${depthQuads}u;
  let loadRow = thread / ${depthQuads}u;
  let storeAt = loadRow * ${pitch}u + loadQuad;
  let firstQuad = group.z * ${sliceQuads}u;
${repeat(
  inputLoads,
  (load) => `
  let pixel${load} = group.y * ${tileRows}u + loadRow + ${(load * threads) / depthQuads}u;
  // Rows beyond the last read nothing: no tap reaches x from there.
  let top${load} = select(-2, i32(pixel${load} / ${outputSide}u) * ${stride}, pixel${load} < ${rows}u);
  let left${load} = i32(pixel${load} % ${outputSide}u) * ${stride};
  let centreAt${load} = (top${load} * ${inputSide} + left${load}) * ${inputQuads} + i32(firstQuad + loadQuad);`,
)}
${zeroed('sum')}
  for (var tap = 0u; tap < 9u; tap++) {
    let dy = i32(tap / 3u) - 1;
    let dx = i32(tap % 3u) - 1;
${locate('dy', 'dx')}
    ${filterAt('tap')}
${accumulate('sum')}
  }
${
  hasShortcut
    ? `${zeroed('side')}
  {
${locate('0', '0')}
    ${filterAt('9u')}
${accumulate('side')}
  }`
    : ''
}
${repeat(rowsPerThread, (row) => `  let row${row} = group.y * ${tileRows}u + threadRow + ${row * threadRows}u;`)}
${repeat(quadsPerThread, (quad) => `  let quad${quad} = group.x * ${tileQuads}u + column + ${quad * threadColumns}u;`)}
${store('y', finished)}
${hasShortcut ? store('shortcut', (row, quad) => `side${row}${quad}`) : ''}

  // Channel sums of this tile; rows beyond the last are 0.
  workgroupBarrier();
${repeat(
  quadsPerThread,
  (quad) =>
    `  tile[threadRow * ${tileQuads}u + column + ${quad * threadColumns}u] = ${Array.from({ length: rowsPerThread }, (_, row) => `sum${row}${quad}`).join(' + ')};`,
)}
  workgroupBarrier();
  for (var quad = thread; quad < ${tileQuads}u; quad += ${threads}u) {
    let outputQuad = group.x * ${tileQuads}u + quad;
    if (outputQuad < ${outputQuads}u) {
      channelSums[(group.z * ${Math.ceil(rows / tileRows)}u + group.y) * ${outputQuads}u + outputQuad] =
        ${Array.from({ length: threadRows }, (_, row) => `tile[${row * tileQuads}u + quad]`).join(' + ')};
    }
  }
}
`,
  );
}
