/** Past epochs that are looked up. */
const SAMPLES = 30;

/**
 * The last block of each `every`-th of the epochs before the running one: there the scores stand that the epoch before it gave. Where
 * the tempo was another one, these are blocks as far apart as epochs are now.
 */
export function lastBlocks(startedAt: number, tempo: number, from: number, every = 1): number[] {
  const blocks: number[] = [];
  for (let block = startedAt - 1; block >= from && blocks.length < SAMPLES && tempo > 0; block -= tempo * every) blocks.push(block);
  return blocks;
}

/** How many epochs back one can look, by how many of them there is one point. */
export const SPANS = [1, 4, 16, 64].map((every) => ({ every, epochs: SAMPLES * every }));
