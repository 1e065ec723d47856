import type { Emotion } from '../network/emotions.js';
import type { FaceReading } from '../reading.js';
import type { Language } from './texts/language.js';
import type { Texts } from './texts/texts.js';

/** Names of the page's own for expressions. */
export type EmotionLabels = Readonly<Partial<Record<Emotion, string>>>;

/** What an element says, and how it writes numbers. */
export class Words {
  readonly texts: Texts;
  readonly language: Language;
  readonly #labels: EmotionLabels;
  readonly #percent: Intl.NumberFormat;

  constructor(texts: Texts, language: Language, labels: EmotionLabels = {}) {
    this.texts = texts;
    this.language = language;
    this.#labels = labels;
    this.#percent = new Intl.NumberFormat(language, { style: 'percent' });
  }

  get direction(): 'ltr' | 'rtl' {
    return this.language === 'ar' ? 'rtl' : 'ltr';
  }

  emotion(emotion: Emotion): string {
    return this.#labels[emotion] ?? this.texts.emotions[emotion];
  }

  /** "Happiness", or "Happiness?" where that is not certain. */
  face({ emotion, isUncertain }: FaceReading): string {
    const mark = this.direction === 'rtl' ? '؟' : '?';
    return this.emotion(emotion) + (isUncertain ? mark : '');
  }

  /** "Happiness 70%", as on the tag of a face. */
  faceAndScore(face: FaceReading): string {
    return `${this.face(face)} ${this.percent(face.scores[face.emotion])}`;
  }

  /** @param score 0 … 1 */
  percent(score: number): string {
    return this.#percent.format(score);
  }
}
