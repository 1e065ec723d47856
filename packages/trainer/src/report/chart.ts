import * as echarts from 'echarts';
import { html, Html, type HtmlValue } from './html.js';

/** Colours by name: the page gives them a value for light, dark and paper (page-style.ts). */
export const INK = 'var(--ink)';
export const SOFT = 'var(--soft)';
const RULE = 'var(--rule)';
/** Of series, in order; each is also told apart by its line or mark. */
export const SERIES = [
  'var(--series-1)',
  'var(--series-2)',
  'var(--series-3)',
  'var(--series-4)',
] as const;
export const HEAT = 'var(--heat)';
export const ON_HEAT = 'var(--on-heat)';
export const PAGE = 'var(--page)';

const axis = {
  axisLine: { show: true, lineStyle: { color: SOFT } },
  axisTick: { lineStyle: { color: SOFT } },
  axisLabel: { color: SOFT },
  splitLine: { lineStyle: { color: RULE } },
  nameTextStyle: { color: SOFT },
};

echarts.registerTheme('report', {
  textStyle: { fontFamily: 'inherit', color: INK },
  legend: { textStyle: { color: INK }, inactiveColor: SOFT },
  valueAxis: axis,
  logAxis: axis,
  categoryAxis: { ...axis, splitLine: { show: false } },
});

/** A chart and what it says in words. */
export interface ChartOptions {
  readonly width: number;
  readonly height: number;
  /** What a person who does not see the chart should know. */
  readonly alternative: string;
  readonly option: echarts.EChartsOption;
}

/** Draws a chart as SVG without a browser. Same option, same drawing. */
export function chart({ width, height, alternative, option }: ChartOptions): Html {
  const instance = echarts.init(null, 'report', { renderer: 'svg', ssr: true, width, height });
  try {
    instance.setOption({ animation: false, ...option });
    const drawing = plainSvg(instance.renderToSVGString());
    return html`<svg role="img" aria-label="${alternative}" ${new Html(drawing.slice('<svg'.length))}`;
  } finally {
    instance.dispose();
  }
}

/** A chart or a picture with its caption. */
export function figure(content: HtmlValue, caption: HtmlValue): Html {
  return html`<figure>
    <div class="scroll" tabindex="0" role="group" aria-label="${'Chart, scrolls sideways'}">
      ${content}
    </div>
    <figcaption>${caption}</figcaption>
  </figure>`;
}

/**
 * What a still picture needs: no style sheet of its own, no style attributes (a strict content
 * security policy forbids both), nothing that reacts to a pointer.
 */
function plainSvg(svg: string): string {
  return svg
    .replace(/<style\b[^>]*>[\s\S]*?<\/style>/g, '')
    .replace(/ (class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) =>
      style
        .split(';')
        .map((declaration) => declaration.split(':'))
        .map(([name, value]) => (name && value ? ` ${name.trim()}="${value.trim()}"` : ''))
        .join(''),
    );
}
