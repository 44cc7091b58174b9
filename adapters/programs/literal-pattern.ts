/** A regular expression that matches just this text, with the flag `u` and without: no character stands for anything else. */
export const literalPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
