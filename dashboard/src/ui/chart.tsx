/** Lines and stacked areas over blocks. The library comes when the first chart is shown; the figures are also there as a table. */
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { theme } from '../state/settings';

export interface Series {
  name: string;
  /** One value for each block; null where nothing is known. */
  values: (number | null)[];
}

interface Props {
  /** What is shown, in a sentence, for those who do not see it. */
  label: string;
  blocks: number[];
  series: Series[];
  stacked?: boolean;
  /** How a value reads in the table. */
  show: (value: number) => string;
  /** Behind values at the axis. */
  unit?: string;
  height?: number;
}

export const HUES = 8;
/** Colour of the n-th series as a property of the style sheet; what is beyond the palette shares the last. */
export const hue = (index: number): string => `var(--series-${Math.min(index, HUES - 1) + 1})`;

const property = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Each series on top of those before it. */
function stack(series: Series[]): (number | null)[][] {
  const sums: number[] = [];
  return series.map(({ values }) => values.map((value, i) => (sums[i] = (sums[i] ?? 0) + (value ?? 0))));
}

/** Ticks with as many decimals as tell them apart. */
function ticks(values: number[], step: number, unit: string): string[] {
  const digits = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step))));
  return values.map((value) => value.toFixed(digits) + unit);
}

function options({ series, stacked, unit = '', height = 220 }: Props, width: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: property('--muted'),
    grid: { stroke: property('--line'), width: 1 },
    ticks: { show: false },
    font: `11px ${property('--sans')}`,
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 80, values: (_, blocks) => blocks.map((n) => (Number.isInteger(n) ? n.toLocaleString('en') : '')) },
      { ...axis, size: 64, values: (_, values, __, ___, step) => ticks(values, step, unit) },
    ],
    series: [
      {},
      ...series.map(({ name }, index): uPlot.Series => {
        const colour = property(`--series-${Math.min(index, HUES - 1) + 1}`);
        return { label: name, stroke: colour, width: stacked ? 1 : 2, fill: stacked ? `${colour}cc` : undefined, points: { show: false } };
      }),
    ],
    // The area of a series ends where the one below begins.
    bands: stacked ? series.slice(1).map((_, i) => ({ series: [i + 2, i + 1] as [number, number] })) : undefined,
  };
}

export function Chart(props: Props) {
  const { blocks, label, series, show, stacked } = props;
  const place = useRef<HTMLDivElement>(null);
  const shape = `${theme.value} ${stacked} ${series.map(({ name }) => name).join()}`;
  const chart = useRef<uPlot>();
  const data = [blocks, ...(stacked ? stack(series) : series.map(({ values }) => values))] as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    let over = false;
    let watch: ResizeObserver | undefined;
    void import('./uplot').then(({ default: UPlot }) => {
      const element = place.current;
      if (over || !element) return;
      chart.current = new UPlot(options(props, element.clientWidth), latest.current, element);
      watch = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: props.height ?? 220 }));
      watch.observe(element);
    });
    return () => {
      over = true;
      watch?.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [shape]);
  useEffect(() => chart.current?.setData(data));

  return (
    <figure class="chart">
      <div ref={place} class="plot" role="img" aria-label={label} style={{ minHeight: `${props.height ?? 220}px` }} />
      {series.length > 1 && (
        <ul class="legend">
          {series.map(({ name }, index) => (
            <li key={name}>
              <span class="swatch" style={{ background: hue(index) }} />
              {name}
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>The figures as a table</summary>
        <div class="scroll" role="region" aria-label={`${label}: the figures`} tabIndex={0}>
          <table class="plain">
            <thead>
              <tr>
                <th scope="col" class="end">
                  Block
                </th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" class="end">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {blocks.map((block, i) => (
                <tr key={block}>
                  <th scope="row" class="end">
                    {block}
                  </th>
                  {series.map(({ name, values }) => (
                    <td key={name} class="end">
                      {values[i] === null || values[i] === undefined ? '–' : show(values[i])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
