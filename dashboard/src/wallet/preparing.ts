/** Preparing a transaction on a button: busy while the chain is asked, and what it says if it cannot be. */
import { useState } from 'preact/hooks';

export function usePreparing(): { busy: boolean; fault?: string; prepare: (work: () => Promise<void>) => Promise<void> } {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const prepare = async (work: () => Promise<void>) => {
    setBusy(true);
    setFault(undefined);
    try {
      await work();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return { busy, fault, prepare };
}
