import { tryRepetitions, tryTexts } from '../../support/faults/odd-texts';

test('no text makes a reader throw, or takes it long', () => tryTexts(200));

test('no piece that is said again and again takes a reader long', () => tryRepetitions(60));
