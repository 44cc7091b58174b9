/** Values that each query is looked at and timed with. */
export const sampledValues = 50;
