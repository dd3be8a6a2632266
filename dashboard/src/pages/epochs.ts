/** Past epochs that are looked up. */
const EPOCHS = 30;

/** The last block of each of the epochs before the running one: there the scores stand that the epoch before it gave. */
export function lastBlocks(startedAt: number, tempo: number, from: number): number[] {
  const blocks: number[] = [];
  for (let block = startedAt - 1; block >= from && blocks.length < EPOCHS && tempo > 0; block -= tempo) blocks.push(block);
  return blocks;
}
