/** Whether a text has the shape of an SS58 address of this chain; the node checks the rest. */
export const isAddress = (text: string): boolean => /^5[1-9A-HJ-NP-Za-km-z]{46,47}$/.test(text);
