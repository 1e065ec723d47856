/** Options whose values are no business of whoever reads the record, and what stands there instead. */
const HIDDEN: Readonly<Record<string, string>> = {
  '--root': '<folder>',
  '--grad-cam-images': '<folder>',
  '--storage': '<storage>',
  '--queue': '<server>', // may hold a password
  '--s3-endpoint': '<server>',
};

/**
 * The words of the command line for the record: with them the result can be made again, and nothing
 * in them tells where this machine keeps its data.
 *
 * @param words - what stands after the program's name
 */
export function commandWords(words: readonly string[] = process.argv.slice(2)): string[] {
  return words.map((word, index) => {
    const option = Object.keys(HIDDEN).find((name) => word.startsWith(`${name}=`));
    if (option !== undefined) {
      return `${option}=${hidden(word.slice(option.length + 1), HIDDEN[option]!)}`;
    }
    const replacement = HIDDEN[words[index - 1] ?? ''];
    return replacement === undefined ? word : hidden(word, replacement);
  });
}

/** {@link commandWords} as it is typed. */
export function commandLine(words: readonly string[] = process.argv.slice(2)): string {
  return `npm run trainer -- ${commandWords(words).join(' ')}`;
}

/** `raf-db=/data/raf` -> `raf-db=<folder>`. */
function hidden(value: string, replacement: string): string {
  const [, dataset = ''] = /^([a-z0-9-]+=)/.exec(value) ?? [];
  return `${dataset}${replacement}`;
}
