import { worker } from '../../worker/main';

/** Exit code and what a person reads: on standard error, but for help. */
async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const written: string[] = [];
  const stream = args.includes('--help') ? process.stdout : process.stderr;
  const spy = jest.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  try {
    return { code: await worker(args), text: written.join('') };
  } finally {
    spy.mockRestore();
  }
}

test('help is told, and nothing is started', async () => {
  expect(await run('--help')).toEqual({ code: 0, text: expect.stringContaining('Usage: rubicon worker [--roles') });
});

test.each([
  [['--roles', 'contrl,staging'], 'expected roles of control, staging, production, found contrl'],
  [['--roles', ''], 'expected roles of control, staging, production, found '],
  [['--role', 'control'], "Unknown option '--role'"],
  [['control'], 'Unexpected argument'],
])('%j is a fault of usage', async (args, message) => {
  const { code, text } = await run(...args);
  expect(code).toBe(2);
  expect(text).toContain(message);
  expect(text).toContain('Usage: rubicon worker');
});

test('settings that can’t be used end it with the code for configuration', async () => {
  const { code, text } = await run('--roles', 'staging', '--config', '/nowhere/rubicon.yaml');
  expect(code).toBe(2);
  expect(text).toContain('/nowhere/rubicon.yaml: expected the settings file (ENOENT); copy rubicon.example.yaml');
});
