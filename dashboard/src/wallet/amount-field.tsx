/** An input for an amount of LRL that takes nothing that would be rounded. */
import { useEffect, useRef } from 'preact/hooks';
import { format, parse, type Leaves } from '../amounts';

interface Props {
  label: string;
  text: string;
  onText: (text: string) => void;
  /** What is at most sensible, as a button; left out while it is not known. */
  most?: { leaves: Leaves; label: string };
  /** Why the amount, though one, will not do. */
  fault?: string;
}

export function AmountField({ fault, label, most, onText, text }: Props) {
  const parsed = parse(text);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const wrong = text !== '' && typeof parsed === 'string' ? parsed : fault;
  return (
    <div class="field">
      <label for="amount">{label}</label>
      <div class="with-unit">
        <input
          ref={input}
          id="amount"
          inputMode="decimal"
          autocomplete="off"
          value={text}
          aria-invalid={wrong ? 'true' : undefined}
          aria-describedby={wrong ? 'amount-fault' : undefined}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
        />
        <span class="unit" aria-hidden="true">
          LRL
        </span>
        {most && (
          <button type="button" onClick={() => onText(format(most.leaves > 0n ? most.leaves : 0n).replaceAll(',', ''))}>
            {most.label}
          </button>
        )}
      </div>
      {wrong && (
        <p id="amount-fault" class="fault" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
