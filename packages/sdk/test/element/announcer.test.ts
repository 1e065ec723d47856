import { describe, expect, it } from 'vitest';
import { Announcer } from '../../src/element/announcer.js';

describe('Announcer', () => {
  it('says the first text at once', () => {
    expect(new Announcer().announce('Happiness', 0)).toBe('Happiness');
  });

  it('lets a text be read out before the next', () => {
    const announcer = new Announcer();
    announcer.announce('Happiness', 0);
    expect(announcer.announce('Fear', 1999)).toBe('Happiness');
    expect(announcer.announce('Fear', 2000)).toBe('Fear');
  });

  it('is silent about what did not last', () => {
    const announcer = new Announcer();
    announcer.announce('Happiness', 0);
    announcer.announce('Fear', 500);
    expect(announcer.announce('Happiness', 3000)).toBe('Happiness');
  });

  it('says a change after a long rest at once', () => {
    const announcer = new Announcer();
    announcer.announce('Happiness', 0);
    announcer.announce('Happiness', 60_000);
    expect(announcer.announce('No face', 60_001)).toBe('No face');
  });
});
