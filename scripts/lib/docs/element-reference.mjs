import { readFileSync } from 'node:fs';
import { ROOT } from '../run.mjs';
import { table } from '../numbers/table.mjs';

const MANIFEST = `${ROOT}packages/sdk/dist/custom-elements.json`;

/** The element's part of `custom-elements.json`, which `cem` has made of its class comment. @returns {any} */
export function elementManifest() {
  const { modules } = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  return modules
    .flatMap(({ declarations }) => declarations ?? [])
    .find(({ tagName }) => tagName === 'emotion-cam');
}

/** @param {string | undefined} text */
const code = (text) => (text ? `\`${text.replaceAll('|', '\\|')}\`` : '');
/** @param {string | undefined} text */
const words = (text) => (text ?? '').replaceAll('|', '\\|').replaceAll('\n', ' ');

/** @param {string} name */
const linked = (name) => (name === 'ProgressEvent' ? code(name) : `{@link ${name}}`);

/** The element's reference: a page of tables, in markdown. */
export function elementReference() {
  const element = elementManifest();
  const isOfPage = ({ privacy }) => privacy === undefined || privacy === 'public';
  const members = element.members.filter((member) => isOfPage(member) && !member.static);
  const attributes = element.attributes.filter(({ name }) => name !== 'state');
  const hasAttribute = ({ name }) => attributes.some(({ fieldName }) => fieldName === name);
  const others = members.filter((one) => one.kind === 'field' && !hasAttribute(one));
  const methods = members.filter(({ kind }) => kind === 'method');
  const parts = [
    [
      'Attributes',
      table([
        ['attribute', 'property', 'type', 'at first', 'what'],
        ...attributes.map(({ name, fieldName, type, default: initial, description }) => [
          ...[code(name), code(fieldName), code(type?.text), code(initial), words(description)],
        ]),
      ]),
    ],
    [
      'Properties without an attribute',
      table([
        ['property', 'type', 'what'],
        ...others.map(({ name, type, readonly, description }) => [
          ...[code(name), code(type?.text), words(description) + (readonly ? ' Read-only.' : '')],
        ]),
      ]),
    ],
    [
      'Methods',
      table([
        ['method', 'gives', 'what'],
        ...methods.map(({ name, return: result, description }) => [
          ...[`{@link EmotionCam.${name} | \`${name}()\`}`, code(result?.type.text ?? 'void')],
          words(description),
        ]),
      ]),
    ],
    [
      'Events',
      table([
        ['event', 'class', 'when'],
        ...element.events
          .filter(({ description }) => description)
          .map(({ name, type, description }) => [
            code(name),
            linked(type.text),
            words(description),
          ]),
      ]),
    ],
    [
      'Slots',
      table([
        ['slot', 'what is in it'],
        ...element.slots.map(({ name, description }) => [
          code(name) || '(none)',
          words(description),
        ]),
      ]),
    ],
    [
      'Parts',
      table([
        ['part', 'what'],
        ...element.cssParts.map(({ name, description }) => [code(name), words(description)]),
      ]),
    ],
    [
      'Custom properties',
      table([
        ['property', 'at first', 'what'],
        ...element.cssProperties.map(({ name, default: initial, description }) => [
          ...[code(name), code(initial), words(description)],
        ]),
      ]),
    ],
    [
      'States',
      table([
        ['state', 'what'],
        ...element.cssStates.map(({ name, description }) => [code(name), words(description)]),
      ]),
    ],
  ];
  const sections = parts.map(([heading, rows]) => `## ${heading}\n\n${rows}`);
  return [
    '# The element, name by name',
    words(element.description.split('\n\n')[0]),
    ...sections,
  ].join('\n\n');
}
