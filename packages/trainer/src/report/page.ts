import { createHash } from 'node:crypto';
import { html, Html } from './html.js';
import { PAGE_STYLE } from './page-style.js';

/** A part of a report with a heading of its own. */
export interface Section {
  /** For links within the page. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** A whole report. */
export interface Page {
  readonly title: string;
  /** A sentence under the title. */
  readonly lead: Html;
  /** What one wants to know first. */
  readonly summary: Html;
  readonly sections: readonly Section[];
}

/** Nothing is loaded, nothing runs, and only this page's own style sheet applies. */
function contentSecurityPolicy(): string {
  const hash = createHash('sha256').update(PAGE_STYLE).digest('base64');
  return `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

/** The page as one file: no script, no request, light and dark, on paper. */
export function renderPage({ title, lead, summary, sections }: Page): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy()}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${new Html(`<style>${PAGE_STYLE}</style>`)}
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p class="lead">${lead}</p>
          <nav aria-label="Sections">
            <ul>
              ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li> `)}
            </ul>
          </nav>
        </header>
        <main>
          ${summary}
          ${sections.map(
            ({ id, title: name, body }) =>
              html`<section aria-labelledby="${id}">
                <h2 id="${id}">${name}</h2>
                ${body}
              </section> `,
          )}
        </main>
      </body>
    </html> `;
  return page.text;
}
