import { describe, expect, it } from 'vitest';
import { Consent } from '../../src/element/consent.js';

describe('Consent', () => {
  it('is needed where it is required, and nowhere else', () => {
    const consent = new Consent();
    expect(consent.isNeeded('none')).toBe(false);
    expect(consent.isNeeded('required')).toBe(true);
    expect(consent.isNeeded('session')).toBe(true); // Node has no session
  });

  it('holds until it is withdrawn', async () => {
    const consent = new Consent();
    const asked = consent.ask('required', new AbortController().signal);
    consent.answer(true);
    await asked;
    expect(consent.isNeeded('required')).toBe(false);
    consent.withdraw();
    expect(consent.isNeeded('required')).toBe(true);
  });

  it('does not hold after a no', async () => {
    const consent = new Consent();
    const asked = consent.ask('required', new AbortController().signal);
    consent.answer(false);
    await expect(asked).rejects.toMatchObject({ code: 'consent-declined' });
    expect(consent.isNeeded('required')).toBe(true);
  });
});
