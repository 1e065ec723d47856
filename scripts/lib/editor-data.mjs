import { readFileSync, writeFileSync } from 'node:fs';

/**
 * A plugin of the manifest's analyzer: leaves out what is no business of a user, says which values an
 * attribute takes where the analyzer gives the name of a type, and writes VS Code's data beside the manifest. https://github.com/microsoft/vscode-html-languageservice/blob/main/docs/customData.md
 *
 * @param {string} file
 */
export function editorData(file) {
  return {
    name: 'editor-data',
    packageLinkPhase({ customElementsManifest }) {
      const elements = customElementsManifest.modules.flatMap(({ path, declarations = [] }) => {
        const found = declarations.filter(({ customElement }) => customElement);
        for (const element of found) spellOutTypes(element, readFileSync(path, 'utf8'));
        return found;
      });
      for (const element of elements) {
        element.members = element.members.filter(
          ({ name, privacy }) => privacy !== 'private' && !name.startsWith('#'),
        );
        element.events = element.events.filter(({ description }) => description); // not what code alone says
      }
      writeFileSync(
        file,
        `${JSON.stringify({ version: 1.1, tags: elements.map(toTag) }, null, 2)}\n`,
      );
    },
  };
}

/** Gives attributes the types of the class comment: `@attr {'a' | 'b'} name`. */
function spellOutTypes({ attributes = [] }, source) {
  const types = new Map(
    [...source.matchAll(/@attr \{([^}]+)\} ([\w-]+)/g)].map(([, type, name]) => [name, type]),
  );
  for (const attribute of attributes) {
    const text = types.get(attribute.name);
    if (text) attribute.type = { text };
  }
}

function toTag({ tagName, description, attributes = [] }) {
  return {
    name: tagName,
    description: { kind: 'markdown', value: description ?? '' },
    attributes: attributes
      .filter(({ name }) => name !== 'state')
      .map(({ name, description: about = '', type }) => ({
        name,
        description: about,
        values: [...(type?.text ?? '').matchAll(/'([^']+)'/g)].map(([, value]) => ({
          name: value,
        })),
      })),
  };
}
