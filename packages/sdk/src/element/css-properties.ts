import { noChange } from 'lit';
import { Directive, directive, PartType } from 'lit/directive.js';
import type { DirectiveResult, ElementPart, PartInfo } from 'lit/directive.js';

type Properties = Readonly<Record<`--${string}`, string | number>>;

/**
 * Sets custom properties through the object model. Lit's `styleMap` writes a `style` attribute at
 * first, which a Content-Security-Policy without 'unsafe-inline' forbids:
 * https://github.com/lit/lit/issues/4719
 */
class CssPropertiesDirective extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new TypeError('cssProperties belongs on an element.');
  }

  /** Types the parameters; the work is in `update`, which has the element. */
  override render(properties: Properties): Properties {
    return properties;
  }

  override update({ element }: ElementPart, [properties]: [Properties]): typeof noChange {
    const { style } = element as HTMLElement;
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, String(value));
    return noChange;
  }
}

/** `<div ${cssProperties({ '--score': 0.5 })}>`; every call gives the same names. */
export const cssProperties: (properties: Properties) => DirectiveResult =
  directive(CssPropertiesDirective);
