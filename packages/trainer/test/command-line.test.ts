import { expect, it } from 'vitest';
import { commandLine } from '../src/command-line.js';

it('records the command line without the folders of this machine', () => {
  const words = ['train', '--root', 'raf-db=/home/me/raf', '--root=ferplus=/data/fer', '--root'];
  expect(commandLine([...words, '/data/all', '--name', 'a'])).toBe(
    'npm run trainer -- train --root raf-db=<folder> --root=ferplus=<folder> --root <folder> --name a',
  );
});

it('records neither the password of a queue nor where the storage is', () => {
  const words = ['ablate', '--queue', 'redis://me:secret@host', '--storage=/mnt/shared'];
  expect(commandLine(words)).toBe('npm run trainer -- ablate --queue <server> --storage=<storage>');
});
