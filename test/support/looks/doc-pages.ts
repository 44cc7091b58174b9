import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(__dirname, '../../..');

/** A page for people. */
export interface Page {
  /** Relative to the project. */
  file: string;
  text: string;
}

/** A block of code; `of` is the second word of its fence: what it is an example of. */
export interface Example {
  language: string;
  of: string;
  code: string;
}

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : []));

export const pages: Page[] = [...markdownIn('.'), ...markdownIn('docs'), ...markdownIn('docs/decisions')].map(
  (file) => ({ file, text: readFileSync(join(root, file), 'utf8') }),
);

export const pageOf = (file: string): Page => pages.find((page) => page.file === file) ?? { file, text: '' };

const fence = /^( *)```(\w*) ?(\S*)\n([\s\S]*?)^ *```$/gm;

export const examplesOf = ({ text }: Page): Example[] =>
  [...text.matchAll(fence)].map(([, indent = '', language = '', of = '', code = '']) => ({
    language,
    of,
    code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));

/** Pictures of a page: the file, relative to the project, and what stands for it where it can't be seen. */
export const imagesOf = ({ file, text }: Page): { file: string; says: string }[] =>
  [...text.replaceAll(fence, '').matchAll(/!\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, says = '', to = '']) => ({
    file: join(dirname(file), to),
    says,
  }));

/** Links that lead nowhere: to a file that isn't there, or to a heading that it hasn't. */
export function brokenLinks(page: Page): string[] {
  const links = [...page.text.replaceAll(fence, '').matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page.file : relative(root, join(root, dirname(page.file), path));
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchorsOf(pageOf(file)).includes(anchor);
  });
}

/** As GitHub makes them. */
const anchorsOf = ({ text }: Page): string[] =>
  [...text.replaceAll(fence, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
