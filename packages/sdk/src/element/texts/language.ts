import { texts as english } from './en.js';
import type { Texts } from './texts.js';

/** Languages that `<emotion-cam>` speaks. */
export type Language = 'ar' | 'de' | 'en' | 'es' | 'fr' | 'ja' | 'zh';

type OtherLanguage = Exclude<Language, 'en'>;

/** Each is loaded when an element wants it. */
const LOADERS: Readonly<Record<OtherLanguage, () => Promise<{ readonly texts: Texts }>>> = {
  ar: () => import('./ar.js'),
  de: () => import('./de.js'),
  es: () => import('./es.js'),
  fr: () => import('./fr.js'),
  ja: () => import('./ja.js'),
  zh: () => import('./zh.js'),
};

/** The texts of a language that are there already. */
const loaded: Map<Language, Texts> = new Map([['en', english]]);

/** @returns the language of a tag such as "de-CH", if it is one of ours */
export function toLanguage(tag: string): Language | undefined {
  const [primary = ''] = tag.toLowerCase().split(/[-_]/);
  return primary === 'en' || Object.hasOwn(LOADERS, primary) ? (primary as Language) : undefined;
}

/**
 * The language that an element is in: of the nearest `lang` around it, through shadow roots too, else
 * the person's own; English where that is none of ours.
 */
export function languageOf(element: Element): Language {
  for (let node: Element | undefined = element; node; node = parentOf(node)) {
    // The property: the attribute of one of ours comes with its next update.
    const tag = node instanceof HTMLElement ? node.lang : node.getAttribute('lang');
    if (tag) return toLanguage(tag) ?? 'en';
  }
  for (const tag of navigator.languages) {
    const language = toLanguage(tag);
    if (language) return language;
  }
  return 'en';
}

/** The texts, if they are loaded. */
export function loadedTexts(language: Language): Texts | undefined {
  return loaded.get(language);
}

/** Loads the texts; English stands in for a language that cannot be loaded. */
export async function loadTexts(language: Language): Promise<void> {
  if (language === 'en' || loaded.has(language)) return;
  const texts = await LOADERS[language]().then(
    (module) => module.texts,
    () => english, // offline, perhaps: words in English are better than none
  );
  loaded.set(language, texts);
}

function parentOf(node: Element): Element | undefined {
  if (node.parentElement) return node.parentElement;
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? root.host : undefined;
}
