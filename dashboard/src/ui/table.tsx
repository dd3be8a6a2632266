/** A table that sorts by its columns. */
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';

export interface Column<Row> {
  id: string;
  header: string;
  /** The header in full, where it is short. */
  meaning?: string;
  cell: (row: Row) => ComponentChildren;
  /** What to sort by; a column without cannot be sorted by. */
  by?: (row: Row) => number | bigint | string;
  /** Text stands at the start, numbers at the end. */
  align?: 'start' | 'end' | 'center';
}

export interface Order {
  id: string;
  descending: boolean;
}

interface Props<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string | number;
  order?: Order;
  /** Said instead of rows where there are none. */
  empty: ComponentChildren;
  /** Shows the caption instead of leaving it to screen readers. */
  showCaption?: boolean;
}

function compare(a: number | bigint | string, b: number | bigint | string): number {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, 'en', { numeric: true });
  return a < b ? -1 : a > b ? 1 : 0;
}

export function Table<Row>({ caption, columns, rows, rowKey, order: initial, empty, showCaption }: Props<Row>) {
  const [order, setOrder] = useState<Order | undefined>(initial);
  const sorted = useMemo(() => {
    const by = columns.find(({ id }) => id === order?.id)?.by;
    if (!order || !by) return rows;
    const direction = order.descending ? -1 : 1;
    return [...rows].sort((a, b) => direction * compare(by(a), by(b)));
  }, [rows, order, columns]);

  // Numbers are asked for from the largest down, words from A on.
  const sortBy = ({ align, id }: Column<Row>) =>
    setOrder((now) => ({ id, descending: now?.id === id ? !now.descending : align === 'end' }));

  return (
    <div class="scroll" role="region" aria-label={`${caption}, as a table`} tabIndex={0}>
      <table>
        <caption class={showCaption ? undefined : 'unseen'}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const direction = order?.id === column.id ? (order.descending ? 'descending' : 'ascending') : undefined;
              return (
                <th key={column.id} scope="col" class={column.align} aria-sort={column.by && (direction ?? 'none')}>
                  {column.by ? (
                    <button type="button" class="sort" title={column.meaning} onClick={() => sortBy(column)}>
                      {column.header}
                      <span class="arrow" aria-hidden="true">
                        {direction === 'descending' ? '↓' : direction === 'ascending' ? '↑' : ''}
                      </span>
                    </button>
                  ) : (
                    <span title={column.meaning}>{column.header}</span>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.id} scope="row" class={column.align}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.id} class={column.align}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
          {sorted.length === 0 && (
            <tr>
              <td class="empty" colSpan={columns.length}>
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
