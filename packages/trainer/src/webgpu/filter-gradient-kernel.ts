import type { ConvolutionShape } from './convolution-shape.js';
import { kernel, linearMain, repeat, type Kernel } from './kernel.js';

/**
 * How dL/dW is cut. It is a matrix product whose rows are taps and input channels, whose columns are
 * output channels, and whose depth are the pixels of all images: 9 x 64 rows and 64 columns, but 100,352
 * pixels in the first stage. So pixels are shared out among workgroups, and what they find is added up.
 */
interface Tiling {
  readonly threadRows: number;
  readonly threadColumns: number;
  readonly quadsPerThread: number;
  readonly rowQuads: number;
  /** Pixels between two barriers. */
  readonly chunk: number;
  /** Parts of the pixels that go to workgroups of their own. */
  readonly slices: number;
  readonly slicePixels: number;
}

/** Slices are made until there are so many workgroups, or a slice has no more pixels than this. */
const ENOUGH_WORKGROUPS = 512;
const FEWEST_PIXELS = 128;

/** Quads of rows: a quad of input channels for each tap. */
function rowQuadsOf({ kernelSize, inputChannels }: ConvolutionShape): number {
  return kernelSize ** 2 * Math.ceil(inputChannels / 4);
}

function largest(candidates: readonly number[], most: number): number {
  return candidates.find((one) => one <= most) ?? 1;
}

function tilingOf(shape: ConvolutionShape): Tiling {
  const { images, outputSide, outputChannels } = shape;
  const quads = outputChannels / 4;
  const rowQuads = rowQuadsOf(shape);
  const threadColumns = largest([8, 4, 2], quads);
  const quadsPerThread = quads >= 2 * threadColumns ? 2 : 1;
  const threadRows = 16;
  const tiles =
    Math.ceil(rowQuads / threadRows) * Math.ceil(quads / (threadColumns * quadsPerThread));
  const pixels = images * outputSide ** 2;
  const most = Math.min(
    Math.ceil(ENOUGH_WORKGROUPS / tiles),
    Math.max(1, Math.floor(pixels / FEWEST_PIXELS)),
  );
  const chunk = 2 * threadColumns; // a thread loads two vectors of rows
  const slicePixels = Math.ceil(pixels / most / chunk) * chunk;
  const slices = Math.ceil(pixels / slicePixels);
  return { threadRows, threadColumns, quadsPerThread, rowQuads, chunk, slices, slicePixels };
}

/** Parts in which {@link filterGradientKernel} writes dL/dW, to be added up; with one it is whole. */
export function filterGradientSlices(shape: ConvolutionShape): number {
  return tilingOf(shape).slices;
}

export function filterGradientWorkgroups(shape: ConvolutionShape): [number, number, number] {
  const { threadRows, threadColumns, quadsPerThread, rowQuads, slices } = tilingOf(shape);
  return [
    Math.ceil(shape.outputChannels / 4 / (threadColumns * quadsPerThread)),
    Math.ceil(rowQuads / threadRows),
    slices,
  ];
}

/**
 * dL/dW of a convolution. Bindings: x as `convolutionKernel` reads it; dL/dy [N,H',W',Cout]; dL/dW
 * [slices,k,k,Cin,Cout].
 */
export function filterGradientKernel(shape: ConvolutionShape): Kernel {
  const { images, inputSide, inputChannels, outputSide, outputChannels } = shape;
  const { kernelSize, stride, padding, isFirst } = shape;
  const { threadRows, threadColumns, quadsPerThread, rowQuads, chunk, slicePixels } =
    tilingOf(shape);
  const quads = outputChannels / 4;
  const inputQuads = Math.ceil(inputChannels / 4);
  const sourceSide = isFirst ? inputSide + 2 * padding : inputSide;
  const offset = isFirst ? 0 : padding; // images bring their border along
  const pixels = images * outputSide ** 2;
  const threads = threadRows * threadColumns;
  const tileQuads = threadColumns * quadsPerThread;
  const rowLoads = (chunk * threadRows) / threads;
  const columnVectors = chunk * tileQuads;
  const columnLoads = Math.ceil(columnVectors / threads);
  const channelsOfQuad = Math.min(4, inputChannels);

  // threads is a multiple of threadRows: a thread loads the same tap and channels of several pixels.
  const loadRow = (load: number): string => `
    let pixel${load} = first + thread / ${threadRows}u + ${(load * threads) / threadRows}u;
    let y${load} = i32(pixel${load} / ${outputSide}u % ${outputSide}u * ${stride}u) + tapY;
    let x${load} = i32(pixel${load} % ${outputSide}u * ${stride}u) + tapX;
    let isInside${load} = isRow && pixel${load} < last && min(y${load}, x${load}) >= 0 && max(y${load}, x${load}) < ${sourceSide};
    let row${load} = select(vec4f(), source[select(0u, ((pixel${load} / ${outputSide ** 2}u * ${sourceSide}u + u32(y${load})) * ${sourceSide}u + u32(x${load})) * ${inputQuads}u + inputQuad, isInside${load})], isInside${load});`;
  const loadColumn = (load: number): string => {
    const element = `(thread + ${load * threads}u)`;
    return `
    let columnPixel${load} = first + ${element} / ${tileQuads}u;
    let columnQuad${load} = group.x * ${tileQuads}u + ${element} % ${tileQuads}u;
    let isColumn${load} = columnPixel${load} < last && columnQuad${load} < ${quads}u;
    let column${load} = select(vec4f(), gradient[select(0u, columnPixel${load} * ${quads}u + columnQuad${load}, isColumn${load})], isColumn${load});`;
  };
  const storeColumn = (load: number): string => {
    const statement = `columnTile[thread + ${load * threads}u] = column${load};`;
    return (load + 1) * threads <= columnVectors
      ? `    ${statement}`
      : `    if (thread + ${load * threads}u < ${columnVectors}u) { ${statement} }`;
  };
  const eachOutput = (text: (channel: number, quad: number) => string): string =>
    repeat(channelsOfQuad, (channel) => repeat(quadsPerThread, (quad) => text(channel, quad)));
  const multiply = (pixel: number): string => `    {
      let a = rowTile[${pixel * threadRows}u + threadRow];
${repeat(quadsPerThread, (quad) => `      let b${quad} = columnTile[${pixel * tileQuads + quad * threadColumns}u + column];`)}
${eachOutput((channel, quad) => `      sum${channel}${quad} = fma(vec4f(a.${'xyzw'[channel]!}), b${quad}, sum${channel}${quad});`)}
    }`;

  return kernel(
    `filter gradient ${kernelSize}x${kernelSize} of ${inputChannels} to ${outputChannels} at ${outputSide}x${outputSide}`,
    [],
    [
      { name: 'source', access: 'read' },
      { name: 'gradient', access: 'read' },
      { name: 'result', access: 'write' },
    ],
    `
var<workgroup> rowTile: array<vec4f, ${chunk * threadRows}>;
var<workgroup> columnTile: array<vec4f, ${columnVectors}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let column = thread % ${threadColumns}u;
  let threadRow = thread / ${threadColumns}u;
  let loadedRow = group.y * ${threadRows}u + thread % ${threadRows}u;
  let isRow = loadedRow < ${rowQuads}u;
  let inputQuad = loadedRow % ${inputQuads}u;
  let tapY = i32(loadedRow / ${inputQuads * kernelSize}u) - ${offset};
  let tapX = i32(loadedRow / ${inputQuads}u % ${kernelSize}u) - ${offset};
${eachOutput((channel, quad) => `  var sum${channel}${quad} = vec4f();`)}
  let last = min((group.z + 1u) * ${slicePixels}u, ${pixels}u);
  for (var first = group.z * ${slicePixels}u; first < last; first += ${chunk}u) {
${repeat(rowLoads, loadRow)}
${repeat(columnLoads, loadColumn)}
    workgroupBarrier();
${repeat(rowLoads, (load) => `    rowTile[thread + ${load * threads}u] = row${load};`)}
${repeat(columnLoads, storeColumn)}
    workgroupBarrier();
${repeat(chunk, multiply)}
  }
  let rowQuad = group.y * ${threadRows}u + threadRow;
  if (rowQuad >= ${rowQuads}u) { return; }
  let row = rowQuad / ${inputQuads}u * ${inputChannels}u + rowQuad % ${inputQuads}u * 4u;
  let at = (group.z * ${kernelSize ** 2 * inputChannels}u + row) * ${quads}u + group.x * ${tileQuads}u + column;
${repeat(quadsPerThread, (quad) => {
  const stores = repeat(
    channelsOfQuad,
    (channel) =>
      `    result[at + ${channel * quads + quad * threadColumns}u] = sum${channel}${quad};`,
  );
  return `  if (group.x * ${tileQuads}u + column + ${quad * threadColumns}u < ${quads}u) {\n${stores}\n  }`;
})}
}
`,
  );
}

/** Adds up parts that lie one after the other. Bindings: parts [slices,count,4]; their sum [count,4]. */
export const ADD_SLICES: Kernel<'count' | 'slices'> = kernel(
  'add slices',
  ['count', 'slices'],
  [
    { name: 'parts', access: 'read' },
    { name: 'result', access: 'write' },
  ],
  linearMain(
    'sizes.count',
    `  var sum = vec4f();
  for (var slice = 0u; slice < sizes.slices; slice++) { sum += parts[slice * sizes.count + index]; }
  result[index] = sum;`,
  ),
);
