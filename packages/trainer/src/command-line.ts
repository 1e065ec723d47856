/** Options whose values are folders of this machine: no business of whoever reads the record. */
const FOLDER_OPTIONS = ['--root', '--grad-cam-images'];

/**
 * The command line for the record: with it the result can be made again, and nothing in it tells
 * where this machine keeps its data.
 *
 * @param words - what stands after the program's name
 */
export function commandLine(words: readonly string[] = process.argv.slice(2)): string {
  const shown = words.map((word, index) => {
    const option = FOLDER_OPTIONS.find((name) => word.startsWith(`${name}=`));
    if (option !== undefined) return `${option}=${withoutFolder(word.slice(option.length + 1))}`;
    return FOLDER_OPTIONS.includes(words[index - 1] ?? '') ? withoutFolder(word) : word;
  });
  return `npm run trainer -- ${shown.join(' ')}`;
}

/** `raf-db=/data/raf` -> `raf-db=<folder>`. */
function withoutFolder(value: string): string {
  const [, dataset = ''] = /^([a-z0-9-]+=)/.exec(value) ?? [];
  return `${dataset}<folder>`;
}
