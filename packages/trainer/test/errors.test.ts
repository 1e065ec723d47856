import { describe, expect, it } from 'vitest';
import { TrainerError } from '../src/errors.js';

describe('TrainerError', () => {
  it('is an Error with a code, a name and the cause', () => {
    const cause = new Error('disk');
    const error = new TrainerError('checkpoint-corrupt', 'The file is cut short.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'TrainerError',
      code: 'checkpoint-corrupt',
      message: 'The file is cut short.',
      cause,
    });
  });
});
