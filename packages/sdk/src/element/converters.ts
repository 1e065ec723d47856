import type { ComplexAttributeConverter } from 'lit';

/** No attribute: undefined. Anything but "false" is true, as of HTML's enumerated attributes. */
export const optionalBoolean: ComplexAttributeConverter<boolean | undefined> = {
  fromAttribute: (value) => (value === null ? undefined : value !== 'false'),
  toAttribute: (value) => (value === undefined ? null : String(value)),
};

/** No attribute: undefined. What is no number becomes NaN, which the recognizer refuses by name. */
export const optionalNumber: ComplexAttributeConverter<number | undefined> = {
  fromAttribute: (value) => (value === null ? undefined : Number(value)),
  toAttribute: (value) => (value === undefined ? null : String(value)),
};
