import { loadModule, scanSync } from 'libpg-query';

/** A piece of a function's source, as PostgreSQL's own lexer cuts it. */
export interface Token {
  /** `name`: an identifier or a word of the language; a quoted one without its quotes. `text`: a constant. */
  kind: 'name' | 'text' | 'other';
  /** Names as the server takes them: in lower case unless quoted. */
  value: string;
}

/** Tokens by statement, without comments. Undefined: it is no source that this lexer understands. */
export async function statementsOf(source: string): Promise<Token[][] | undefined> {
  await loadModule();
  const statements: Token[][] = [[]];
  try {
    for (const { text, tokenName, keywordKind } of scanSync(source).tokens) {
      if (tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT') continue;
      if (text === ';') statements.push([]);
      else statements.at(-1)?.push(tokenOf(text, tokenName, keywordKind));
    }
  } catch {
    return undefined;
  }
  return statements;
}

function tokenOf(text: string, tokenName: string, keywordKind: number): Token {
  if (tokenName === 'IDENT' || tokenName === 'UIDENT' || keywordKind > 0 || /^[a-z_]/i.test(text))
    return text.startsWith('"')
      ? { kind: 'name', value: text.slice(1, -1).replaceAll('""', '"') }
      : { kind: isText(tokenName) ? 'text' : 'name', value: isText(tokenName) ? text : text.toLowerCase() };
  return { kind: isText(tokenName) ? 'text' : 'other', value: text };
}

const isText = (tokenName: string): boolean => ['SCONST', 'USCONST', 'XCONST', 'BCONST'].includes(tokenName);
