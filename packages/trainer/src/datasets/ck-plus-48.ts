import { join } from 'node:path';
import { TrainerError } from '../errors.js';
import { CK_PLUS_EMOTIONS, type CkPlusEmotion, type CkPlusImage } from './ck-plus-image.js';
import { frameFromEyes } from './eyes.js';
import { listFolder } from './layout.js';

/** Where the eyes lie in CK+48's images (measured with the runtime's face detector). */
export const CK_PLUS_48_FRAME: ReturnType<typeof frameFromEyes> = frameFromEyes({
  leftEye: [0.32, 0.42],
  rightEye: [0.69, 0.42],
});

/**
 * CK+48: grey crops of 48x48 in one folder for each emotion.
 *
 * @param root - the folder that holds `CK+48/`
 * @throws {TrainerError} `dataset-layout`; `dataset-labels` where a name does not tell its subject
 */
export async function ckPlus48Images(
  root: string,
): Promise<{ layout: string; images: CkPlusImage[] }> {
  const setFolder = join(root, 'CK+48');
  const images: CkPlusImage[] = [];
  for (const folder of await listFolder('ck-plus', setFolder)) {
    if (!Object.hasOwn(CK_PLUS_EMOTIONS, folder)) continue; // not a class folder
    const names = await listFolder('ck-plus', join(setFolder, folder));
    for (const name of names.filter((each) => each.endsWith('.png'))) {
      const path = join(setFolder, folder, name);
      const subject = /^(S\d+)_\d+_\d+\.png$/.exec(name)?.[1];
      if (!subject) {
        throw new TrainerError(
          'dataset-labels',
          `The file name ${path} does not tell its subject. ` +
            'Expected S<subject>_<sequence>_<frame>.png. Remove or rename the file.',
        );
      }
      images.push({
        id: `${folder}/${name.replace(/\.png$/, '')}`,
        source: { kind: 'file', path },
        subject,
        emotion: folder as CkPlusEmotion,
      });
    }
  }
  return { layout: 'CK+48', images };
}
