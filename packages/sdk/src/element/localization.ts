import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { texts as english } from './texts/en.js';
import { languageOf, loadedTexts, loadTexts, type Language } from './texts/language.js';
import type { Texts } from './texts/texts.js';
import { Words, type EmotionLabels } from './words.js';

/** What an element has of the page's own. */
interface Localized extends ReactiveControllerHost, Element {
  readonly labels: EmotionLabels | null | undefined;
  readonly texts: Partial<Texts> | null | undefined;
}

/**
 * Gives an element its words: in its language, with labels and texts of the page's own in their place.
 * A language that is not loaded holds the element's update back, so that no other is seen before it.
 */
export class Localization implements ReactiveController {
  readonly #host: Localized;
  #observer: MutationObserver | undefined;
  #words: Words | undefined;

  constructor(host: Localized) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.refresh();
    // Only the page's own language is watched: of the elements in between it is read when they change.
    this.#observer = new MutationObserver(() => {
      this.refresh();
      this.#host.requestUpdate();
    });
    this.#observer.observe(document.documentElement, { attributeFilter: ['lang'] });
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
  }

  /** The words are made anew when they are next read. */
  refresh(): void {
    this.#words = undefined;
  }

  get words(): Words {
    this.#words ??= this.#makeWords();
    return this.#words;
  }

  /** Loads the texts of the element's language. @returns none: they are there */
  load(): Promise<void> | undefined {
    const language = languageOf(this.#host);
    return loadedTexts(language) ? undefined : this.#load(language);
  }

  async #load(language: Language): Promise<void> {
    await loadTexts(language);
    this.refresh();
  }

  #makeWords(): Words {
    const language = languageOf(this.#host);
    const { labels, texts } = this.#host;
    const own = { ...(loadedTexts(language) ?? english), ...texts };
    return new Words(own, language, labels ?? {});
  }
}
