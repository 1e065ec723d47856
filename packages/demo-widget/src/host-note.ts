/** What the element's own words do not say: who else gets the numbers. */
const NOTES: Readonly<Record<string, (host: string) => string>> = {
  en: (host) =>
    `${host}, the site around this frame, receives the expression and its scores, no picture.`,
  de: (host) =>
    `${host}, die Seite um diesen Rahmen, erhält den Ausdruck und seine Werte, kein Bild.`,
  fr: (host) =>
    `${host}, le site autour de ce cadre, reçoit l’expression et ses scores, aucune image.`,
  es: (host) =>
    `${host}, el sitio que rodea este marco, recibe la expresión y sus puntuaciones, ninguna imagen.`,
  zh: (host) => `此框架所在的网站 ${host} 会收到表情及其分数，不会收到任何图像。`,
  ja: (host) =>
    `このフレームを表示しているサイト ${host} は表情とそのスコアを受け取ります。画像は受け取りません。`,
  ar: (host) => `يتلقى الموقع المحيط بهذا الإطار ${host} التعبير ودرجاته، دون أي صورة.`,
};

/**
 * @param host - of the page around
 * @param language - a language tag, such as `de-AT`; English stands in for those that are not there
 */
export function hostNote(host: string, language: string): string {
  const note = NOTES[language.split('-')[0]!.toLowerCase()] ?? NOTES['en']!;
  return note(host);
}
