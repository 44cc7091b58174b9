/** Waits for a condition, asked every 20 ms; fails after `limitMs`. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 5_000): Promise<void> {
  const limitAt = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > limitAt)
      throw new Error(`expected the condition to hold within ${limitMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
