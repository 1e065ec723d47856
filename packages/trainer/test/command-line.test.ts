import { expect, it } from 'vitest';
import { commandLine } from '../src/command-line.js';

it('records the command line without the folders of this machine', () => {
  const words = ['train', '--root', 'raf-db=/home/me/raf', '--root=ferplus=/data/fer', '--root'];
  expect(commandLine([...words, '/data/all', '--name', 'a'])).toBe(
    'npm run trainer -- train --root raf-db=<folder> --root=ferplus=<folder> --root <folder> --name a',
  );
});
