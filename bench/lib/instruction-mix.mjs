/** Reads the assembly of AMD's RDNA: what the innermost loop that multiplies consists of. */

/** @typedef {{ fma: number, otherVector: number, lds: number, memory: number, scalar: number }} Mix */

/** @param {string} instruction its mnemonic @returns {keyof Mix} */
function kindOf(instruction) {
  if (/^v_(pk_)?(fma|fmac|mad|mac)\w*_f|^v_fma_mix|^v_dot/.test(instruction)) return 'fma';
  if (instruction.startsWith('ds_')) return 'lds';
  if (/^(buffer|global|image|flat)_/.test(instruction)) return 'memory';
  return instruction.startsWith('v_') ? 'otherVector' : 'scalar';
}

/** @param {string} assembly @returns {string[][]} basic blocks; the first line of each names it */
function blocksOf(assembly) {
  return assembly
    .split(/^(?=BB\d+:)/m)
    .map((block) => block.split('\n').map((line) => line.trim()))
    .filter(([first]) => /^BB\d+:/.test(first));
}

/**
 * @param {string} assembly
 * @returns {Mix | undefined} of the shortest loop with multiply-adds in it; none: there is no such loop
 */
export function innermostLoop(assembly) {
  const blocks = blocksOf(assembly);
  const indexOf = new Map(blocks.map(([first], index) => [first.replace(/:.*/, ''), index]));
  /** @type {Mix[]} shortest first */
  const loops = blocks
    .flatMap((lines, end) =>
      lines.flatMap((line) => {
        const start = indexOf.get(line.match(/^s_c?branch\w*\s+(BB\d+)/)?.[1]);
        return start !== undefined && start <= end ? [{ start, end }] : []; // backwards: a loop
      }),
    )
    .toSorted((a, b) => a.end - a.start - (b.end - b.start))
    .map(({ start, end }) => {
      const mix = { fma: 0, otherVector: 0, lds: 0, memory: 0, scalar: 0 };
      for (const line of blocks.slice(start, end + 1).flatMap(([, ...lines]) => lines)) {
        if (line && !line.startsWith(';')) mix[kindOf(line.split(/\s/)[0])]++;
      }
      return mix;
    });
  return loops.find(({ fma }) => fma > 0);
}
