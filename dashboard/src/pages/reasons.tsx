/** Why a miner's answers were worth what they were, by what a validator's gateway publishes. */
import { useEffect, useState } from 'preact/hooks';
import { percent } from '../amounts';
import { gatewayFault, receipts, servingGateway, type Receipt } from '../node/receipts';
import { remember, remembered } from '../state/settings';
import { count, Problem } from '../ui/figures';
import { Section } from '../ui/page';
import { Table, type Column } from '../ui/table';

type Row = Receipt & { index: number };

function proportion(id: 'score' | 'correctness' | 'speed', header: string, meaning: string): Column<Row> {
  return { id, header, meaning, cell: ({ [id]: value }) => (value === undefined ? '–' : percent(BigInt(value), 1_000_000n)), by: ({ [id]: value }) => value ?? 0, align: 'end' };
}

const COLUMNS: Column<Row>[] = [
  { id: 'block', header: 'Block', cell: ({ block }) => (block === undefined ? '–' : count(block)), by: ({ block }) => block ?? 0, align: 'end' },
  { id: 'epoch', header: 'Epoch', cell: ({ epoch }) => epoch ?? '–', by: ({ epoch }) => epoch ?? 0, align: 'end' },
  { id: 'verdict', header: 'Verdict', cell: ({ verdict }) => verdict, by: ({ verdict }) => verdict },
  proportion('score', 'Score', 'Correctness × speed'),
  proportion('correctness', 'Correctness', 'Is it right'),
  proportion('speed', 'Speed', 'Was it fast'),
  { id: 'reason', header: 'Reason', cell: ({ reason }) => reason, by: ({ reason }) => reason },
];

/** How often each verdict was given, the most frequent first. */
function tally(list: Receipt[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { verdict } of list) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

export function Reasons({ hotkey, netuid, uid }: { netuid: number; uid: number; hotkey: string }) {
  const name = `gateway.${netuid}`;
  const [gateway, setGateway] = useState(remembered(name) ?? '');
  const [text, setText] = useState(gateway);
  const [fault, setFault] = useState<string>();
  const [answer, setAnswer] = useState<{ list?: Receipt[]; error?: Error }>({});
  useEffect(() => {
    if (!gateway) return;
    let over = false;
    setAnswer({});
    receipts(gateway, netuid, uid).then(
      (list) => over || setAnswer({ list }),
      (error: Error) => over || setAnswer({ error }),
    );
    return () => {
      over = true;
    };
  }, [gateway, netuid, uid, hotkey]);
  useEffect(() => {
    if (gateway) return;
    void servingGateway().then((own) => {
      if (own?.netuid !== netuid) return;
      setText(own.gateway);
      setGateway(own.gateway);
    });
  }, [netuid]);
  const submit = (event: Event) => {
    event.preventDefault();
    const wanted = text.trim();
    const wrong = wanted ? gatewayFault(wanted) : undefined;
    setFault(wrong);
    if (wrong) return;
    remember(name, wanted || null);
    setGateway(wanted);
  };
  // Receipts of whoever held the uid before are not about this neuron.
  const list = answer.list?.filter((receipt) => !receipt.hotkey || receipt.hotkey === hotkey);
  return (
    <Section title="Reasons" note="Where a validator publishes its receipts, its gateway says why each answer was worth what it was.">
      <form class="controls" onSubmit={submit} noValidate>
        <label class="grow">
          Address of a gateway of this subnet
          <input
            type="url"
            value={text}
            placeholder="http://127.0.0.1:8800"
            spellcheck={false}
            autocomplete="off"
            aria-invalid={fault ? 'true' : undefined}
            aria-describedby={fault ? 'gateway-fault' : undefined}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <button type="submit">Ask</button>
        {fault && (
          <p id="gateway-fault" class="fault" role="alert">
            {fault}
          </p>
        )}
      </form>
      {gateway && !answer.list && !answer.error && <p class="waiting">Asking {gateway} …</p>}
      {answer.error && <Problem error={answer.error} />}
      {list && (
        <>
          <p>
            {list.length === 0
              ? 'The gateway has no receipt of this neuron.'
              : tally(list)
                  .map(([verdict, times]) => `${times} × ${verdict}`)
                  .join(', ')}
          </p>
          {list.length > 0 && (
            <Table
              caption="Receipts"
              columns={COLUMNS}
              rows={list.map((receipt, index) => ({ ...receipt, index }))}
              rowKey={({ index }) => index}
              order={{ id: 'block', descending: true }}
              empty=""
            />
          )}
        </>
      )}
    </Section>
  );
}
