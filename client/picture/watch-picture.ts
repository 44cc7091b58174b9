import type { Facts } from '../../contract/run/facts';
import { oneLine } from '../../contract/text/plain-text';
import { stateMark } from '../../report/step-marks';
import { picture, type Canvas } from './picture';

/** What `status --watch` draws: which run it is, its question if there is one, and the picture of its steps. Fits into the canvas. */
export function watchPicture(facts: Facts, asOf: string, canvas: Canvas): string[] {
  const { kind, run, plan, outcome, phase, held, question } = facts;
  const { bold, yellow } = canvas.colors;
  const line = (text: string): string => oneLine(text, canvas.columns - 2);
  const what = kind === 'rollback' ? `rollback of ${plan?.name ?? 'a plan'}` : (plan?.name ?? 'a plan');
  const heading = [
    bold(line(`${stateMark(facts)} ${run.target}: ${what}: ${outcome ?? phase}`)),
    ...(held === undefined ? [] : [yellow(line(`on hold: ${held.reason}`))]),
    ...(question === undefined ? [] : [yellow(line(`recommended: ${question.recommended}`))]),
    '',
  ];
  return [...heading, ...picture([facts], { asOf }, { ...canvas, rows: canvas.rows - heading.length })];
}
